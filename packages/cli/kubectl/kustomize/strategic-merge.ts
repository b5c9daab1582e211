import { typeOfKind } from '@coxswain/api';
import { deepEqual, type KubeObject, parseApiVersion, type ValueFact } from '@coxswain/machinery';

type Map = Record<string, unknown>;

/**
 * Merges a patch into an object as kustomize does: fields one by one, lists of known kinds by their merge keys with
 * what the patch names in front, other lists as a whole. Gives undefined when the patch deletes the object.
 */
export function mergeStrategically(object: KubeObject, patch: KubeObject): KubeObject | undefined {
  const type = typeOfKind({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  return mergeMaps(object, patch, type && { kind: 'object', type }) as KubeObject | undefined;
}

function mergeMaps(old: Map, patch: Map, fact: ValueFact | undefined): Map | undefined {
  const { $patch: directive, ...changes } = patch;
  if (directive === 'delete') return undefined;
  if (directive === 'replace') return changes;
  const merged: Map = { ...old };
  for (const [name, change] of Object.entries(changes)) {
    const value = change === null ? undefined : mergeField(merged[name], change, fact, name);
    if (value === undefined) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function mergeField(old: unknown, change: unknown, parent: ValueFact | undefined, name: string): unknown {
  const field = parent?.kind === 'object' ? parent.type.fields.get(name) : undefined;
  const fact = parent?.kind === 'map' ? parent.values : field?.value;
  if (Array.isArray(change)) {
    const merges = field?.patchStrategy.includes('merge') === true;
    if (!merges) return withoutDirectives(change);
    const items = fact?.kind === 'array' ? fact.items : undefined;
    return mergeLists(Array.isArray(old) ? old : [], change, keysOf(field, items), items);
  }
  if (!isMap(change)) return change;
  return mergeMaps(isMap(old) ? old : {}, change, fact);
}

/** The fields that tell items of a list apart: ports are told apart by their protocol too. */
function keysOf(
  field: { readonly patchMergeKey: string; readonly mapKeys: readonly string[] } | undefined,
  items: ValueFact | undefined,
): readonly string[] {
  if (items?.kind !== 'object') return [];
  return field !== undefined && field.mapKeys.length > 0 ? field.mapKeys : [field?.patchMergeKey ?? ''];
}

function mergeLists(
  old: readonly unknown[],
  patch: readonly unknown[],
  keys: readonly string[],
  fact: ValueFact | undefined,
): unknown[] {
  if (patch.some((item) => isMap(item) && item['$patch'] === 'replace')) {
    return withoutDirectives(patch.filter((item) => !(isMap(item) && item['$patch'] === 'replace')));
  }
  if (keys.length === 0)
    return [...patch, ...old.filter((item) => !patch.some((each) => deepEqual(each, item)))];
  // Keys count only as far as somebody uses them: most ports do not say their protocol.
  const used = keys.filter((key) =>
    [...old, ...patch].some((item) => isMap(item) && item[key] !== undefined),
  );
  const same = (a: unknown, b: unknown): boolean =>
    isMap(a) && isMap(b) && used.every((key) => deepEqual(a[key], b[key]));
  const merged = patch.flatMap((item) => {
    const known = old.find((each) => same(each, item));
    const result = isMap(item) ? mergeMaps(isMap(known) ? known : {}, item, fact) : item;
    return result === undefined ? [] : [result];
  });
  return [...merged, ...old.filter((item) => !patch.some((each) => same(each, item)))];
}

function withoutDirectives(items: readonly unknown[]): unknown[] {
  return items
    .map((item) => (isMap(item) ? mergeMaps({}, item, undefined) : item))
    .filter((item) => item !== undefined);
}

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
