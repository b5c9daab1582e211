import { Failure } from '../error-text.ts';
import type { Info } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { selectorFlags } from '../shared-flags.ts';
import { changeObjects, setFlags } from './change-objects.ts';

/** Flags of every verb that changes pod templates. */
export const templateFlags = { ...setFlags, ...selectorFlags } as const;

/**
 * Changes the pod specs of resources and patches what differs.
 * @param change edits the pod spec in place; may throw `Failure`
 */
export function changeTemplates(
  session: Session,
  resources: readonly string[],
  done: string,
  change: (spec: any, info: Info) => Promise<void> | void,
): Promise<number> {
  return changeObjects(session, {
    resources,
    done,
    change: (object, info) => change(podSpecOf(object, info), info),
  });
}

/** The pod spec within a workload or a pod. Throws `Failure` for kinds without one. */
function podSpecOf(object: any, { mapping, name }: Info): any {
  const spec =
    object.spec?.jobTemplate?.spec?.template?.spec ??
    object.spec?.template?.spec ??
    (mapping.kind === 'Pod' ? object.spec : undefined);
  if (spec === undefined)
    throw new Failure(
      `${mapping.resource}/${name} the object is not a pod or does not have a pod template: *${mapping.version}.${mapping.kind}`,
    );
  return spec;
}

/** Containers whose names fit a pattern with `*`. */
export function containersLike(spec: any, pattern: string): any[] {
  const regex = new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  return [...(spec.initContainers ?? []), ...spec.containers].filter(({ name }: { name: string }) =>
    regex.test(name),
  );
}

/**
 * Parts resources from what comes after them, such as `KEY=VALUE`.
 * @param what the changes are of, for the error about a resource behind them
 */
export function splitArgs(
  args: readonly string[],
  what: string,
  isChange: (arg: string) => boolean,
): [string[], string[]] {
  const at = args.findIndex(isChange);
  if (at < 0) return [[...args], []];
  const late = args.slice(at).find((arg) => !isChange(arg));
  if (late !== undefined) {
    throw new Failure(`all resources must be specified before ${what} changes: ${late}`);
  }
  return [args.slice(0, at), args.slice(at)];
}
