import {
  deepEqual,
  type KubeObject,
  newAlreadyExists,
  newStatusError,
  type Status,
  type StatusError,
} from '@coxswain/machinery';
import { encodeStored } from '../storage/encode.ts';
import { Entry, rememberObject } from '../storage/entry.ts';
import { inStoredOrder } from '../storage/member-order.ts';
import { asReadAgain, losesLists } from '../storage/read-again.ts';
import type { RegistryContext } from './context.ts';
import type { ServedResource } from './resource-registry.ts';
import { traitsOf } from './traits.ts';

/** Stores a new object; throws AlreadyExists. The object is the cache's from then on. */
export async function writeNew(
  context: RegistryContext,
  resource: ServedResource,
  key: string,
  given: KubeObject,
  dryRun: boolean,
): Promise<Entry> {
  const { cache } = resource;
  const name = given.metadata.name ?? '';
  if (cache.index.get(key) !== undefined) throw taken(resource, key, name);
  const { object, value } = asStored(given);
  if (dryRun) return unstored(key, value, object, '');
  rememberObject(value, object);
  const result = await context.store.create(key, value, leaseOf(context, resource));
  if (!result.ok) {
    await context.watchCache.applied(result.current?.modRevision ?? 0);
    throw taken(resource, key, name);
  }
  return written(context, resource, key, value, result.revision);
}

/** An object as it is stored and read again. */
function asStored(given: KubeObject): { readonly object: KubeObject; readonly value: Buffer } {
  const object = ownMetadata(inStoredOrder(given));
  const value = encodeStored(object);
  if (!losesLists(value)) return { object, value };
  const read = asReadAgain(object);
  if (read === object) return { object, value };
  const ordered = inStoredOrder(read);
  return { object: ordered, value: encodeStored(ordered) };
}

/** The cache notes the version in the metadata of what it keeps: those of another object stay that one's. */
function ownMetadata(object: KubeObject): KubeObject {
  if (!Object.isFrozen(object) && !Object.isFrozen(object.metadata)) return object;
  return { ...object, metadata: { ...object.metadata } };
}

/** The error for a name that another object has; it tells of one that is about to go. */
function taken({ cache, groupResource }: ServedResource, key: string, name: string): StatusError {
  const error = newAlreadyExists(groupResource, name);
  if (cache.index.get(key)?.object.metadata.deletionTimestamp === undefined) return error;
  const { code, reason, details, message } = error.status as Required<Status>;
  return newStatusError({ code, reason, details, message: `object is being deleted: ${message}` });
}

/** What an update function gives: the object to store, or the entry that is there to write nothing. */
export type UpdateFunction = (current: Entry | undefined) => KubeObject | Entry | Promise<KubeObject | Entry>;

/**
 * Computes a new state from the current one and stores it if nobody else was faster; else starts again.
 * Writes nothing when nothing changed. The object is the cache's from then on.
 */
export async function guaranteedUpdate(
  context: RegistryContext,
  resource: ServedResource,
  key: string,
  dryRun: boolean,
  update: UpdateFunction,
): Promise<{ readonly entry: Entry; readonly created: boolean }> {
  const { cache } = resource;
  for (;;) {
    const current = cache.index.get(key);
    const given = await update(current);
    if (given instanceof Entry) return { entry: given, created: false };
    const { object: next, value } = asStored(given);
    if (current !== undefined && unchanged(current, value, next) && !(await stale(context, key, dryRun))) {
      return { entry: current, created: false };
    }
    if (dryRun) {
      const version = current?.object.metadata.resourceVersion ?? '';
      return { entry: unstored(key, value, next, version), created: current === undefined };
    }
    rememberObject(value, next);
    const result =
      current === undefined
        ? await context.store.create(key, value, leaseOf(context, resource))
        : await context.store.update(key, value, current.revision, leaseOf(context, resource));
    if (result.ok) {
      const entry = await written(context, resource, key, value, result.revision);
      return { entry, created: current === undefined };
    }
    await context.watchCache.applied(result.current?.modRevision ?? result.revision);
  }
}

/** What is stored by an old key is written anew by the first update, though it changes nothing. */
function stale({ isStale }: RegistryContext, key: string, dryRun: boolean): boolean | Promise<boolean> {
  return isStale !== undefined && !dryRun && isStale(key);
}

/** Equal but for the order of members and the resourceVersion. */
function unchanged(current: Entry, value: Buffer, next: KubeObject): boolean {
  if (current.value.length !== value.length) return false;
  if (current.value.equals(value)) return true;
  const version = current.object.metadata.resourceVersion as string;
  return deepEqual(current.object, { ...next, metadata: { ...next.metadata, resourceVersion: version } });
}

async function written(
  context: RegistryContext,
  resource: ServedResource,
  key: string,
  value: Buffer,
  revision: number,
): Promise<Entry> {
  const wait = context.watchCache.applied(revision);
  if (wait !== undefined) await wait;
  const entry = resource.cache.index.get(key);
  return entry?.revision === revision ? entry : new Entry(key, value, revision);
}

/** An entry that stands for a dry run's result; `version` is '' for a creation. */
function unstored(key: string, value: Buffer, object: KubeObject, version: string): Entry {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return Entry.unstored(key, value, {
    ...object,
    metadata: version === '' ? metadata : { ...metadata, resourceVersion: version },
  });
}

/** Upstream keeps events for one hour. */
const defaultEventTtlSeconds = 3600;

function leaseOf(context: RegistryContext, resource: ServedResource): { leaseSeconds?: number } {
  if (!traitsOf(resource.groupResource).expires) return {};
  return { leaseSeconds: context.eventTtlSeconds ?? defaultEventTtlSeconds };
}
