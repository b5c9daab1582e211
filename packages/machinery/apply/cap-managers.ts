import { emptySet, type FieldSet, union } from './field-set.ts';
import { compareText, type Manager, managerIdentifier, sameManager, seconds } from './managers.ts';

/** Update managers beyond this many are merged into `ancient-changes`. */
const maxUpdateManagers = 10;
const ancientChanges = 'ancient-changes';

/** Merges the oldest update managers of a version into one, until there are no more than the cap. */
export function capManagers(managers: readonly Manager[], cap = maxUpdateManagers): readonly Manager[] {
  const updaters = managers.filter((m) => m.operation === 'Update');
  if (updaters.length <= cap) return managers;
  let length = updaters.length;
  const left = new Set(managers);
  const firstOfVersion = new Map<string, Manager>();
  const buckets = new Map(managers.filter(isBucket).map((m) => [m.apiVersion, m]));
  /** What a bucket is put together of. */
  const parts = new Map<Manager, FieldSet[]>();
  for (const manager of inOrderOfTime(updaters)) {
    if (length <= cap) break;
    const { apiVersion, time } = manager;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, manager);
      continue;
    }
    const base = buckets.get(apiVersion) ?? first;
    const merged = parts.get(base) ?? [base.fields];
    merged.push(manager.fields);
    const bucket = { ...emptyBucket, apiVersion, time };
    left.delete(manager);
    left.delete(base);
    left.add(bucket);
    buckets.set(apiVersion, bucket);
    parts.delete(base);
    parts.set(bucket, merged);
    length--;
  }
  return Array.from(left, (manager) => {
    const merged = parts.get(manager);
    return merged === undefined ? manager : { ...manager, fields: unionOf(merged) };
  });
}

const emptyBucket = {
  manager: ancientChanges,
  operation: 'Update',
  subresource: '',
  fields: emptySet,
} as const;

function isBucket(manager: Manager): boolean {
  return sameManager(manager, { ...emptyBucket, apiVersion: manager.apiVersion });
}

/** Oldest first; those of one time by their identifiers. */
function inOrderOfTime(managers: readonly Manager[]): Manager[] {
  return managers
    .map((manager) => ({ manager, time: seconds(manager.time), name: managerIdentifier(manager) }))
    .sort((a, b) => a.time - b.time || compareText(a.name, b.name))
    .map(({ manager }) => manager);
}

/** All paths of many sets: each is copied as often as the number of sets can be halved, and not once for each other. */
function unionOf(sets: readonly FieldSet[]): FieldSet {
  if (sets.length === 1) return sets[0] as FieldSet;
  const half = sets.length >> 1;
  return union(unionOf(sets.slice(0, half)), unionOf(sets.slice(half)));
}
