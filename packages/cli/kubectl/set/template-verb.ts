import { copyJson, createTwoWayMergePatch, type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { Failure, throwAll } from '../error-text.ts';
import { compactJson } from '../print/json.ts';
import { dryRunOf, ResultPrinter } from '../print/printer.ts';
import { builderOptions, fetchWanted, type Info, infosOfFiles, resolveWanted } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { dryRunFlags, fileFlags, managerFlag, printFlags, selectorFlags } from '../shared-flags.ts';

/** Flags of every verb that changes pod templates. */
export const templateFlags = {
  ...fileFlags,
  ...printFlags,
  ...dryRunFlags,
  ...selectorFlags,
  ...managerFlag('kubectl-set'),
  all: { type: 'bool', default: 'false', help: 'All of the type' },
  local: { type: 'bool', default: 'false', help: 'Change the file alone, without the server' },
} as const;

/**
 * Changes the pod specs of resources and patches what differs.
 * @param change edits the pod spec in place; may throw `Failure`
 */
export async function changeTemplates(
  session: Session,
  resources: readonly string[],
  done: string,
  change: (spec: any, info: Info) => Promise<void> | void,
): Promise<number> {
  const { flags } = session;
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const errors: unknown[] = [];
  const infos = flags.bool('local')
    ? await infosOfFiles(session, flags.strings('filename'))
    : await fetchWanted(session, await resolveWanted(session, builderOptions(session, resources)), errors);
  throwAll(errors);
  const rest = await session.rest();
  for (const info of infos) {
    try {
      const before = info.object as KubeObject;
      const after = copyJson(before);
      await change(podSpecOf(after, info), info);
      const patch = await patchBetween(before, after);
      if (flags.bool('local') || dryRun === 'client') {
        printer.print({ ...info, object: after }, done);
        continue;
      }
      if (patch === undefined) continue;
      const object = await rest.patch(info, 'application/strategic-merge-patch+json', patch, {
        fieldManager: flags.string('field-manager'),
        dryRun: dryRun === 'server' ? 'All' : undefined,
      });
      printer.print({ ...info, object }, done);
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
  return 0;
}

/** The pod spec within a workload or a pod. Throws `Failure` for kinds without one. */
function podSpecOf(object: any, { mapping }: Info): any {
  const spec =
    object.spec?.jobTemplate?.spec?.template?.spec ??
    object.spec?.template?.spec ??
    (mapping.kind === 'Pod' ? object.spec : undefined);
  if (spec === undefined)
    throw new Failure(
      `the object is not a pod or does not have a pod template: ${object.apiVersion}, Kind=${object.kind}`,
    );
  return spec;
}

async function patchBetween(before: KubeObject, after: KubeObject): Promise<string | undefined> {
  const { typeOfKind } = await import('@coxswain/api');
  const type = typeOfKind({ ...parseApiVersion(before.apiVersion), kind: before.kind });
  if (type === undefined) throw new Failure(`no type is known of ${before.apiVersion}, Kind=${before.kind}`);
  const patch = createTwoWayMergePatch(before, after, type) as object;
  return Object.keys(patch).length === 0 ? undefined : compactJson(patch);
}

/** Containers whose names fit a pattern with `*`. */
export function containersLike(spec: any, pattern: string): any[] {
  const regex = new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  return [...(spec.initContainers ?? []), ...spec.containers].filter(({ name }: { name: string }) =>
    regex.test(name),
  );
}

/** Parts resources from what comes after them, such as `KEY=VALUE`. */
export function splitArgs(args: readonly string[], isChange: (arg: string) => boolean): [string[], string[]] {
  const at = args.findIndex(isChange);
  return at < 0 ? [[...args], []] : [args.slice(0, at), args.slice(at)];
}
