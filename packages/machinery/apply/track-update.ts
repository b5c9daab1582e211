import type { TypeFact } from '../facts.ts';
import { deepEqual } from '../json/deep-equal.ts';
import type { KubeObject, ManagedFieldsEntry } from '../meta.ts';
import { finish, type Steps } from '../steps.ts';
import { capManagers } from './cap-managers.ts';
import { type Comparison, compareObjects } from './compare.ts';
import {
  difference,
  emptySet,
  type FieldSet,
  fieldSetOfPaths,
  isEmptySet,
  recursiveDifference,
  union,
} from './field-set.ts';
import {
  decodeManagers,
  encodeManagers,
  isReset,
  type Manager,
  sameManager,
  withFields,
} from './managers.ts';

/** How an object looks in another version of its API; undefined when that version is not served. */
export type ToVersion = (
  object: KubeObject,
  apiVersion: string,
) => { readonly object: KubeObject; readonly type: TypeFact | undefined } | undefined;

/** Who writes, in which version, and when. */
export interface WriteContext {
  /** Of the version of the request; absent for types without a schema. */
  readonly type: TypeFact | undefined;
  /** Field manager; `''` is `unknown`. */
  readonly manager: string;
  /** Group and version of the request, such as `apps/v1`. */
  readonly apiVersion: string;
  /** Absent for the resource itself. */
  readonly subresource?: string | undefined;
  /** RFC 3339 with whole seconds. */
  readonly time: string;
  /** Paths that this endpoint never writes, such as `status`, as a set or as dotted paths; see `resetFields`. */
  readonly ignoredFields?: FieldSet | readonly string[] | undefined;
  /** For managers that wrote another version; absent where versions do not differ in shape. */
  readonly toVersion?: ToVersion | undefined;
}

export interface TrackUpdateRequest extends WriteContext {
  /** The object as stored, in the version of the request; undefined when it is created. */
  readonly live: KubeObject | undefined;
  /** The object as it will be, before admission and strategy. Not changed. */
  readonly updated: KubeObject;
}

/**
 * Records in `managedFields` what an ordinary write changed: the writer owns what it added or modified, all
 * others lose that and what was removed. Gives a new object that shares all else with `updated`.
 */
export function trackUpdate(request: TrackUpdateRequest): KubeObject {
  return finish(trackUpdateInSteps(request));
}

/** The same in steps, for objects with many fields. */
export function* trackUpdateInSteps(request: TrackUpdateRequest): Steps<KubeObject> {
  const { live, updated } = request;
  const managers = managersOfWrite(request);
  if (managers.length === 0 && live !== undefined) return withManagers(updated, undefined);
  yield;
  const tracked = yield* updateManagers(managers, live, updated, request);
  yield;
  return withManagers(
    updated,
    tracked === managers ? unchangedEntries(request, managers) : encodeManagers(tracked),
  );
}

/** Keeps the very list when nothing in it changed. */
function unchangedEntries(
  request: TrackUpdateRequest,
  managers: readonly Manager[],
): readonly ManagedFieldsEntry[] | undefined {
  const stored = request.live?.metadata.managedFields;
  return stored !== undefined &&
    stored.length === managers.length &&
    managers.every((m, i) => m.entry === stored[i])
    ? stored
    : encodeManagers(managers);
}

/** The managers before the write: those that the request sends if they are sound, else the stored ones. */
function managersOfWrite(request: TrackUpdateRequest): readonly Manager[] {
  const { live, updated, subresource } = request;
  const stored = live?.metadata.managedFields;
  const sent = updated.metadata.managedFields;
  if (subresource === undefined || subresource === '') {
    if (isReset(sent)) return [];
    if (sent !== stored) {
      const decoded = decodeManagers(shareEqual(sent, stored));
      if (decoded !== undefined && decoded.length > 0) return decoded;
    }
  }
  return decodeManagers(stored) ?? [];
}

/** A client mostly sends the entries back that it was given: those that are stored have been looked at before. */
function shareEqual(
  sent: readonly ManagedFieldsEntry[] | undefined,
  stored: readonly ManagedFieldsEntry[] | undefined,
): readonly ManagedFieldsEntry[] | undefined {
  if (sent === undefined || stored === undefined) return sent;
  return sent.map((entry, i) => {
    const twin = stored[i];
    return twin !== undefined && deepEqual(entry, twin) ? twin : entry;
  });
}

/** The managers after a write by update; the same list when the write changed nothing that is tracked. */
export function* updateManagers(
  managers: readonly Manager[],
  live: KubeObject | undefined,
  updated: KubeObject,
  context: WriteContext,
): Steps<readonly Manager[]> {
  const comparison = filtered(compareObjects(live, updated, context.type), ignoredSet(context));
  if (isEmptySet(comparison.changed) && isEmptySet(comparison.removed) && !context.toVersion) return managers;
  const compareIn = comparisons(live, updated, context, comparison);
  const out: Manager[] = [];
  const self: Manager = {
    manager: context.manager === '' ? 'unknown' : context.manager,
    operation: 'Update',
    apiVersion: context.apiVersion,
    subresource: context.subresource ?? '',
    time: context.time,
    fields: comparison.changed,
  };
  let own = self.fields;
  for (const manager of managers) {
    yield;
    const seen = compareIn(manager.apiVersion);
    if (!seen) continue;
    const unchanged = difference(manager.fields, seen.changed);
    yield;
    const left = withFields(manager, difference(unchanged, seen.removed));
    if (left === undefined) continue;
    if (sameManager(manager, self) && !isEmptySet(self.fields)) {
      yield;
      own = union(left.fields, self.fields);
    } else out.push(left);
  }
  if (!isEmptySet(own)) out.push({ ...self, fields: own });
  return capManagers(out);
}

/** The paths that the endpoint never writes. */
export function ignoredSet(context: WriteContext): FieldSet {
  const ignored = context.ignoredFields;
  if (ignored === undefined) return emptySet;
  return Array.isArray(ignored) ? fieldSetOfPaths(ignored) : (ignored as FieldSet);
}

function filtered(comparison: Comparison, ignored: FieldSet): Comparison {
  if (isEmptySet(ignored)) return comparison;
  return {
    changed: recursiveDifference(comparison.changed, ignored),
    removed: recursiveDifference(comparison.removed, ignored),
  };
}

/** Comparisons by version; undefined for a version that is not served. */
export function comparisons(
  live: KubeObject | undefined,
  updated: KubeObject,
  context: WriteContext,
  own: Comparison,
): (apiVersion: string) => Comparison | undefined {
  const { toVersion } = context;
  if (!toVersion) return () => own;
  const byVersion = new Map<string, Comparison | undefined>([[context.apiVersion, own]]);
  return (apiVersion) => {
    if (!byVersion.has(apiVersion)) {
      const after = toVersion(updated, apiVersion);
      const before = live === undefined ? undefined : toVersion(live, apiVersion);
      byVersion.set(
        apiVersion,
        after === undefined
          ? undefined
          : filtered(compareObjects(before?.object, after.object, after.type), ignoredSet(context)),
      );
    }
    return byVersion.get(apiVersion);
  };
}

/** A copy of the object with these managers, sharing all else. */
export function withManagers(
  object: KubeObject,
  managedFields: readonly ManagedFieldsEntry[] | undefined,
): KubeObject {
  if (object.metadata?.managedFields === managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return {
    ...object,
    metadata:
      managedFields === undefined
        ? metadata
        : { ...metadata, managedFields: managedFields as ManagedFieldsEntry[] },
  };
}
