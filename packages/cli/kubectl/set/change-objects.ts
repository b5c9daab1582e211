import { copyJson, createTwoWayMergePatch, type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { Failure, throwAll } from '../error-text.ts';
import { compactJson } from '../print/json.ts';
import { dryRunOf, ResultPrinter } from '../print/printer.ts';
import { requiredFiles } from '../read-files.ts';
import { builderOptions, fetchWanted, type Info, infosOfFiles, resolveWanted } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { dryRunFlags, fileFlags, managerFlag, printFlags } from '../shared-flags.ts';

/** Flags of every verb below `set`. */
export const setFlags = {
  ...fileFlags,
  ...printFlags,
  ...dryRunFlags,
  ...managerFlag('kubectl-set'),
  all: { type: 'bool', default: 'false', help: 'All of the type' },
  local: { type: 'bool', default: 'false', help: 'Change the file alone, without the server' },
} as const;

/** What a verb below `set` does. */
interface ObjectChange {
  /** The arguments that name what is changed. */
  readonly resources: readonly string[];
  /** What is printed behind the name of what was changed. */
  readonly done: string;
  /** Say so also when nothing was to be changed. */
  readonly always?: boolean;
  /** What the patch holds besides what differs. */
  readonly also?: object;
  /** Edits the object in place; may throw `Failure`. */
  readonly change: (object: KubeObject, info: Info) => Promise<void> | void;
}

/** Changes objects and patches what differs. */
export async function changeObjects(session: Session, change: ObjectChange): Promise<number> {
  const { flags } = session;
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const errors: unknown[] = [];
  const infos = await infosOf(session, change.resources);
  const rest = await session.rest();
  for (const info of infos) {
    try {
      const before = info.object as KubeObject;
      const after = copyJson(before);
      await change.change(after, info);
      const patch = { ...(await patchBetween(before, after)), ...change.also };
      const none = Object.keys(patch).length === 0;
      if (flags.bool('local') || dryRun === 'client') {
        printer.print({ ...info, object: after }, change.done);
        continue;
      }
      if (none && change.always !== true) continue;
      const object = await rest.patch(info, 'application/strategic-merge-patch+json', compactJson(patch), {
        fieldManager: flags.string('field-manager'),
        dryRun: dryRun === 'server' ? 'All' : undefined,
      });
      printer.print({ ...info, object }, change.done);
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
  return 0;
}

async function infosOf(session: Session, resources: readonly string[]): Promise<Info[]> {
  if (session.flags.bool('local')) {
    if (resources.length > 0) {
      throw new Failure(
        "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
      );
    }
    return infosOfFiles(session, requiredFiles(session));
  }
  const errors: unknown[] = [];
  const infos = await fetchWanted(
    session,
    await resolveWanted(session, builderOptions(session, resources)),
    errors,
  );
  throwAll(errors);
  return infos;
}

async function patchBetween(before: KubeObject, after: KubeObject): Promise<object> {
  const { typeOfKind } = await import('@coxswain/api');
  const type = typeOfKind({ ...parseApiVersion(before.apiVersion), kind: before.kind });
  if (type === undefined) throw new Failure(`no type is known of ${before.apiVersion}, Kind=${before.kind}`);
  return createTwoWayMergePatch(before, after, type) as object;
}
