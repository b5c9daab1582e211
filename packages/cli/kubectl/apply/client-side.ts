import { isConflict, isInvalid, isNotFound, type KubeObject } from '@coxswain/machinery';
import { propagationOf } from '../deletion-options.ts';
import { withSource } from '../error-text.ts';
import { lastApplied, lastAppliedOf, withLastApplied } from '../last-applied.ts';
import { compactJson } from '../print/json.ts';
import type { DryRun } from '../print/printer.ts';
import type { Info } from '../resource-builder.ts';
import type { Rest } from '../rest.ts';
import type { Session } from '../session.ts';
import { fieldValidationOf } from '../validation.ts';
import { type MergePatch, threeWayPatch } from './three-way-patch.ts';

/** What applying did to one object. */
export interface Applied {
  readonly object: KubeObject;
  /** `created`, `configured`, `unchanged` or `serverside-applied`. */
  readonly operation: string;
}

/** kubectl's: how often a patch is made anew after somebody else changed the object. */
const maxPatchRetries = 5;

/** Creates the object, or patches it by what changed in the file since the last time. */
export async function applyClientSide(session: Session, info: Info, dryRun: DryRun): Promise<Applied> {
  const rest = await session.rest();
  const object = info.object as KubeObject;
  const text = lastAppliedOf(object);
  const modified = withLastApplied(object, text);
  const query = {
    fieldManager: session.flags.string('field-manager') ?? 'kubectl-client-side-apply',
    fieldValidation: fieldValidationOf(session),
    dryRun: dryRun === 'server' ? 'All' : undefined,
  };
  const live = await liveOf(rest, info);
  if (live === undefined) {
    if (dryRun === 'client') return { object: modified, operation: 'created' };
    try {
      const { mapping, namespace } = info;
      return { object: await rest.create({ mapping, namespace }, modified, query), operation: 'created' };
    } catch (error) {
      throw withSource(error, 'creating', info.source);
    }
  }
  warnOf(session, info, live);
  if (dryRun === 'client') return { object: live, operation: 'configured' };
  return patchUntilDone(session, info, live, modified, query);
}

async function patchUntilDone(
  session: Session,
  info: Info,
  first: KubeObject,
  modified: KubeObject,
  query: Record<string, string | undefined>,
): Promise<Applied> {
  const rest = await session.rest();
  let live = first;
  for (let attempt = 1; ; attempt++) {
    const patch = await threeWayPatch(live, modified, session.flags.bool('overwrite'));
    if (isEmpty(patch)) return { object: live, operation: 'unchanged' };
    try {
      const object = await rest.patch(info, patch.type, compactJson(patch.body), query);
      return { object, operation: 'configured' };
    } catch (error) {
      if (isConflict(error) && attempt <= maxPatchRetries) {
        if (attempt > 1) await rest.pause(1_000);
        live = await rest.get(info);
        continue;
      }
      if ((isConflict(error) || isInvalid(error)) && session.flags.bool('force')) {
        return recreate(session, info, modified, query);
      }
      throw withSource(
        error,
        `applying patch:\n${compactJson(patch.body)}\nto:\n${describe(info)}\nfor:`,
        info.source,
      );
    }
  }
}

/** `--force`: what cannot be changed is deleted and made anew. */
async function recreate(
  session: Session,
  info: Info,
  modified: KubeObject,
  query: Record<string, string | undefined>,
): Promise<Applied> {
  const rest = await session.rest();
  const grace = session.flags.int('grace-period') ?? -1;
  await rest.delete(info, {
    propagationPolicy: propagationOf(session),
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
  });
  const { waitGone } = await import('../wait-gone.ts');
  await waitGone(session, info, undefined, session.flags.duration('timeout') ?? 0);
  const { mapping, namespace } = info;
  return { object: await rest.create({ mapping, namespace }, modified, query), operation: 'configured' };
}

async function liveOf(rest: Rest, info: Info): Promise<KubeObject | undefined> {
  try {
    return await rest.get(info);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw withSource(
      error,
      `retrieving current configuration of:\n${describe(info)}\nfrom server for:`,
      info.source,
    );
  }
}

function warnOf(session: Session, info: Info, live: KubeObject): void {
  const resource = `${info.mapping.resource}/${info.name}`;
  warnIfDeleting(session, live);
  if (live.metadata.annotations?.[lastApplied] === undefined) {
    session.err(
      `Warning: resource ${resource} is missing the ${lastApplied} annotation which is required by cox apply. cox apply should only be used on resources created declaratively by either cox create --save-config or cox apply. The missing annotation will be patched automatically.\n`,
    );
  }
}

/** Says that a change will not last. */
export function warnIfDeleting(session: Session, { metadata }: KubeObject): void {
  if (metadata.deletionTimestamp === undefined) return;
  session.err(`Warning: Detected changes to resource ${metadata.name} which is currently being deleted.\n`);
}

function isEmpty(patch: MergePatch): boolean {
  return Object.keys(patch.body).length === 0;
}

function describe(info: Info): string {
  const { mapping, name, namespace } = info;
  const gv = mapping.group === '' ? `/${mapping.version}` : `${mapping.group}/${mapping.version}`;
  return `Resource: "${gv}, Resource=${mapping.resource}", GroupVersionKind: "${gv}, Kind=${mapping.kind}"\nName: "${name}", Namespace: "${namespace ?? ''}"`;
}
