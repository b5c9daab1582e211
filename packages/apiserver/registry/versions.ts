import { convert } from '@coxswain/api';
import { copyJson, inTurns, type KubeObject, nextTurn } from '@coxswain/machinery';
import type { Entry } from '../storage/entry.ts';
import { inTypeOrder } from '../storage/member-order.ts';
import type { CustomBehaviour } from './body/custom.ts';
import type { ApiRequest, Outcome } from './context.ts';
import { isLargeEntry, takeSteps } from './large-objects.ts';
import type { ServedResource } from './resource-registry.ts';

/** An object of the request's version in the version that is stored; custom resources are converted later. */
export function toStored(resource: ServedResource, object: KubeObject): KubeObject {
  if (resource.custom !== undefined) return object;
  return resource.direct ? object : convert(object, resource.stored.apiVersion);
}

/** A custom object of the request's version in the version that is stored: the last thing before it is written. */
export function storedLater(resource: ServedResource, object: KubeObject): KubeObject | Promise<KubeObject> {
  return resource.custom === undefined ? object : resource.custom.toStored(object);
}

/** A stored object in the version of the request. */
export function fromStored(resource: ServedResource, object: KubeObject): KubeObject {
  if (resource.custom !== undefined) return resource.custom.fromStored(object);
  return resource.direct ? object : inTypeOrder(convert(object, resource.apiVersion));
}

/** What is stored as writes see it: built-in objects as they are stored, custom ones in the request's version. */
export function liveObject(resource: ServedResource, object: KubeObject): KubeObject {
  return resource.custom === undefined ? object : resource.custom.fromStored(object);
}

/** A stored custom object in the version of the request, once that can be shown. */
export async function liveCustomObject(
  custom: CustomBehaviour,
  request: ApiRequest,
  current: Entry,
): Promise<KubeObject> {
  const { object } = current;
  const prepared = custom.prepare([object]);
  if (prepared !== undefined) await prepared;
  return takeSteps(custom.fromStoredInSteps(object), request, current);
}

/** Resolves when what a request came to can be shown; undefined when it can already. */
export function preparedOutcome(resource: ServedResource, outcome: Outcome): Promise<void> | undefined {
  if (resource.custom === undefined || outcome.kind === 'object') return undefined;
  const { custom } = resource;
  if (outcome.kind === 'entry') return preparedEntry(custom, outcome.entry);
  return custom.prepareAll(objectsOf(outcome.listed.entries));
}

/** A large object is read in turns, to be remembered. */
function preparedEntry(custom: CustomBehaviour, entry: Entry): Promise<void> | undefined {
  const { object } = entry;
  const prepared = custom.prepare([object]);
  if (!isLargeEntry(entry)) return prepared;
  const read = async (): Promise<void> => {
    await prepared;
    await nextTurn();
    await inTurns(custom.fromStoredInSteps(object));
    await nextTurn();
  };
  return read();
}

/** The objects of entries, each of which is parsed when it is looked at. */
export function* objectsOf(entries: Iterable<Entry>): Generator<KubeObject> {
  for (const entry of entries) yield entry.object;
}

/** An object of one resource as another one shows it, that serves the same objects. */
export function showAs(
  from: ServedResource,
  to: ServedResource,
  object: KubeObject,
): KubeObject | Promise<KubeObject> {
  if (from.custom === undefined) return convert(toStored(from, object), to.apiVersion);
  const { custom } = to;
  const shown = (stored: KubeObject): KubeObject | Promise<KubeObject> => {
    const own = (): KubeObject => copyJson(custom?.fromStored(stored) ?? stored);
    const prepared = custom?.prepare([stored]);
    return prepared === undefined ? own() : prepared.then(own);
  };
  // The object still changes: nothing of it may be remembered.
  const stored = from.custom.toStored(copyJson(object));
  return stored instanceof Promise ? stored.then(shown) : shown(stored);
}
