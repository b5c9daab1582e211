/**
 * Deepest nesting of objects and arrays in what clients send. Go follows 10,000; here every walker of objects must
 * hold it on its stack, and the shallowest (`structuredClone`) ends at 1,600: a third of that.
 */
export const maxNesting = 500;

/** Whether objects and arrays lie in one another deeper than `maxNesting`. */
export function nestsTooDeep(value: unknown): boolean {
  return deeperThan(value, maxNesting);
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
