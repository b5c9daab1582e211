import { deepFreeze, finish, inTurns, type KubeList, type KubeObject, type Steps } from '@coxswain/machinery';
import type { Outcome } from './registry/context.ts';
import type { ServedResource } from './registry/resource-registry.ts';
import { fromStored } from './registry/versions.ts';
import type { Entry } from './storage/entry.ts';
import type { ListedEntries } from './storage/lists/list-entries.ts';

const converted = new WeakMap<Entry, Map<string, KubeObject>>();

/** An entry's shared object in the version of the resource, frozen. */
export function shownObject(resource: ServedResource, entry: Entry): KubeObject {
  if (resource.direct) return entry.frozen;
  if (resource.custom !== undefined) {
    // Remembered by the version of the definition, which may be another the next time.
    const object = fromStored(resource, entry.object);
    return Object.isFrozen(object) ? object : deepFreeze(object);
  }
  let versions = converted.get(entry);
  if (versions === undefined) {
    versions = new Map();
    converted.set(entry, versions);
  }
  let object = versions.get(resource.apiVersion);
  if (object === undefined) {
    object = deepFreeze(fromStored(resource, entry.object)) as KubeObject;
    versions.set(resource.apiVersion, object);
  }
  return object;
}

/** More objects than this are shown in turns: each may have to be parsed. */
const shownAtOnce = 500;

/** What a request came to, as an object or a list. */
export function presentOutcome(
  resource: ServedResource,
  outcome: Outcome,
): KubeObject | KubeList | Promise<KubeList> {
  switch (outcome.kind) {
    case 'entry':
      return shownObject(resource, outcome.entry);
    case 'object':
      return outcome.object;
    case 'list': {
      const { listed } = outcome;
      const steps = shownList(resource, listed);
      return listed.entries.length > shownAtOnce ? inTurns(steps) : finish(steps);
    }
  }
}

function* shownList(resource: ServedResource, listed: ListedEntries): Steps<KubeList> {
  const items: KubeObject[] = [];
  for (const entry of listed.entries) {
    items.push(shownObject(resource, entry));
    yield;
  }
  return {
    kind: `${resource.fact.kind}List`,
    apiVersion: resource.apiVersion,
    metadata: {
      resourceVersion: String(listed.revision),
      ...(listed.continue === undefined ? {} : { continue: listed.continue }),
      ...(listed.remaining === undefined ? {} : { remainingItemCount: listed.remaining }),
    },
    items,
  };
}
