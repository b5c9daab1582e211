/**
 * Deepest nesting of objects and arrays in what clients send. Go follows 10,000; here walkers of objects hold it on a
 * stack of 984 KB. The widest, `JSON.parse` with a function that revives, takes 440 bytes a level: a tenth is left for
 * what calls it.
 */
export const maxNesting = 2_000;

/** The same in objects of the server: which fields of a document are managed stands in it, and lies a little deeper. */
export const maxStoredNesting = maxNesting + 10;

/** The same for values of declared types, which take several frames a level. Only schemas nest so deep. */
export const maxTypedNesting = 500;

/** Whether objects and arrays lie in one another deeper than `maxStoredNesting`. */
export function nestsTooDeep(value: unknown): boolean {
  return deeperThan(value, maxStoredNesting);
}

function deeperThan(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (deeperThan(item, left - 1)) return true;
    return false;
  }
  const members = value as Record<string, unknown>;
  for (const key in members) if (deeperThan(members[key], left - 1)) return true;
  return false;
}
