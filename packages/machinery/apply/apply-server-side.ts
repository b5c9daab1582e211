import { deepEqual } from '../json/deep-equal.ts';
import { type KubeObject, parseApiVersion } from '../meta.ts';
import { newBadRequest, newStatusError } from '../status-error.ts';
import { finish, type Steps } from '../steps.ts';
import { type Atom, atomOfType } from './atom.ts';
import { type Comparison, compareObjects } from './compare.ts';
import { type Conflict, newApplyConflict } from './conflict.ts';
import {
  difference,
  emptySet,
  type FieldSet,
  fieldSetOf,
  intersection,
  isEmptySet,
  recursiveDifference,
  union,
} from './field-set.ts';
import { allowedByLastApplied, syncLastApplied } from './last-applied.ts';
import { decodeManagers, encodeManagers, type Manager, sameManager, withFields } from './managers.ts';
import { mergeTyped } from './merge-typed.ts';
import { removeItems, withoutEmptied } from './remove-items.ts';
import { toFieldSet, withNamedFields } from './to-field-set.ts';
import { comparisons, ignoredSet, updateManagers, type WriteContext, withManagers } from './track-update.ts';
import { unownedMetadata } from './unowned.ts';
import { faultsText, typedFaults } from './validate-typed.ts';

export interface ApplyRequest extends WriteContext {
  /** The kind of the endpoint, without its group and version. */
  readonly kind: string;
  /** The object as stored, in the version of the request; undefined when the apply creates it. */
  readonly live: KubeObject | undefined;
  /** The configuration as sent, decoded but neither defaulted nor checked. Not changed. */
  readonly applied: unknown;
  /** Takes fields over instead of failing with a conflict. */
  readonly force: boolean;
}

/** Manager of what was there before the first apply. */
const beforeFirstApply = 'before-first-apply';

/** Paths that nobody owns. */
const unowned: FieldSet = fieldSetOf(
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ...unownedMetadata.map((name) => ['metadata', name]),
);

/**
 * Server-side apply: merges a configuration into the live object, removes what its manager applied before
 * and left out now, and records who owns what. The result is to be decoded, defaulted and validated; it
 * shares parts with both inputs.
 * @throws StatusError 409 with a cause for each conflicting field, 400 for a wrong kind, 500 when the
 * configuration does not fit the schema
 */
export function applyServerSide(request: ApplyRequest): KubeObject {
  return finish(applyServerSideInSteps(request));
}

/** The same in steps, for objects with many fields. */
export function* applyServerSideInSteps(request: ApplyRequest): Steps<KubeObject> {
  const config = checkConfiguration(request);
  yield;
  const { live } = request;
  let managers: readonly Manager[] = decodeManagers(live?.metadata.managedFields) ?? [];
  if (managers.length === 0 && live !== undefined) {
    managers = yield* updateManagers([], undefined, live, { ...request, manager: beforeFirstApply });
  }
  yield;
  const allowed = live === undefined || request.force ? emptySet : allowedByLastApplied(request, live);
  const applied = yield* applyOnce(request, config, managers, allowed);
  return syncLastApplied(request.manager, applied, config);
}

/** What is no text counts as absent. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** An applied configuration as upstream's errors name it: `default/web; apps/v1, Kind=Deployment`. */
export function configurationName({ apiVersion, kind, metadata }: KubeObject): string {
  const { group, version } = parseApiVersion(textOf(apiVersion));
  return `${textOf(metadata?.namespace)}/${textOf(metadata?.name)}; ${group}/${version}, Kind=${textOf(kind)}`;
}

/** Checks what upstream checks before it merges. */
function checkConfiguration(request: ApplyRequest): KubeObject {
  const config = (request.applied ?? {}) as KubeObject;
  const apiVersion = textOf(config.apiVersion);
  const kind = textOf(config.kind);
  if (apiVersion !== request.apiVersion || kind !== request.kind) {
    const { group, version } = parseApiVersion(apiVersion);
    throw newBadRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  }
  if (config.metadata?.managedFields !== undefined && config.metadata.managedFields !== null) {
    throw newBadRequest('metadata.managedFields must be nil');
  }
  const faults = typedFaults(atomOfType(request.type), config);
  if (faults.length > 0) {
    const message = `failed to create typed patch object (${configurationName(config)}): ${faultsText(faults)}`;
    throw newStatusError({ code: 500, reason: '', message });
  }
  return config;
}

function* applyOnce(
  request: ApplyRequest,
  config: KubeObject,
  managers: readonly Manager[],
  allowed: FieldSet,
): Steps<KubeObject> {
  const { live } = request;
  const atom = atomOfType(request.type);
  const ignored = ignoredSet(request);
  const identity = {
    manager: request.manager,
    operation: 'Apply' as const,
    apiVersion: request.apiVersion,
    subresource: request.subresource ?? '',
  };
  const last = managers.find((m) => sameManager(m, identity));
  const fields = recursiveDifference(toFieldSet(atom, config), ignored);
  const own: Manager = { ...identity, time: last?.time, fields };
  const others = managers.filter((m) => m !== last);
  yield;
  const merged = mergeTyped(atom, live, config) as KubeObject;
  yield;
  const pruned = last ? yield* prune(atom, merged, last.fields, [own, ...others]) : merged;
  yield;
  const comparison = compareObjects(live, pruned, request.type);
  const visible: Comparison = {
    changed: recursiveDifference(comparison.changed, ignored),
    removed: recursiveDifference(comparison.removed, ignored),
  };
  yield;
  const kept = yield* takeOwnership(
    others,
    comparisons(live, pruned, request, visible),
    request.force,
    allowed,
  );
  yield;
  const changed = live === undefined || !sameContent(live, pruned);
  const mine = withFields(own, difference(fields, unowned), changed ? request.time : own.time);
  const entries = encodeManagers(mine === undefined ? kept : [...kept, mine]);
  yield;
  return withManagers(changed ? (withoutEmptied(pruned) as KubeObject) : (live as KubeObject), entries);
}

/**
 * Takes changed and removed fields from the other managers; fails when that is a conflict.
 * @param compareIn what changed and was removed, as a version shows it
 */
function* takeOwnership(
  others: readonly Manager[],
  compareIn: ReturnType<typeof comparisons>,
  force: boolean,
  allowed: FieldSet,
): Steps<Manager[]> {
  const conflicts: Conflict[] = [];
  const kept: Manager[] = [];
  for (const manager of others) {
    const seen = compareIn(manager.apiVersion);
    if (!seen) continue;
    const contested = difference(intersection(manager.fields, seen.changed), allowed);
    if (!isEmptySet(contested)) conflicts.push({ manager, fields: contested });
    yield;
    const left = withFields(manager, difference(difference(manager.fields, seen.changed), seen.removed));
    yield;
    if (left) kept.push(left);
  }
  if (!force && conflicts.length > 0) throw newApplyConflict(conflicts);
  return kept;
}

/** Removes what the manager applied last time, does not apply now, and no other manager owns. */
function* prune(
  atom: Atom,
  merged: KubeObject,
  lastFields: FieldSet,
  managers: readonly Manager[],
): Steps<KubeObject> {
  const applied = managers[0] as Manager;
  if (isEmptySet(difference(lastFields, applied.fields))) return merged;
  yield;
  const last = withNamedFields(lastFields, atom);
  const mergedSet = withNamedFields(toFieldSet(atom, merged), atom);
  yield;
  const managed = withNamedFields(
    managers.reduce<FieldSet>((set, m) => union(set, m.fields), emptySet),
    atom,
  );
  const without = (set: FieldSet): unknown => removeItems(atom, merged, set);
  const setOf = (value: unknown): FieldSet => withNamedFields(toFieldSet(atom, value), atom);
  yield;
  const bare = setOf(without(last));
  yield;
  const owned = setOf(without(difference(mergedSet, union(bare, managed))));
  yield;
  // What nobody owns and stood below a removed item goes only with that item.
  return without(intersection(difference(mergedSet, owned), last)) as KubeObject;
}

/** Whether two objects are the same but for who manages their fields. */
function sameContent(a: KubeObject, b: KubeObject): boolean {
  if (a === b) return true;
  return deepEqual(withManagers(a, undefined), withManagers(b, undefined));
}
