/** Prints a JSON value as Go's `%v` prints the decoded interface: `map[a:1 b:[x y]]`, keys sorted. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value as Record<string, unknown>).filter(([, v]) => v !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `map[${members.map(([k, v]) => `${k}:${goText(v)}`).join(' ')}]`;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return goFloat(value);
  return String(value);
}

/** Go's `%v` of a float64: exponents below -4 or from 21 on. */
function goFloat(value: number): string {
  const text = String(value);
  const small = Math.abs(value) < 1e-4;
  const scientific = small ? value.toExponential() : text;
  return scientific.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The name that Go's encoding/json gives to a JSON value's type in its errors. */
export function jsonTypeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
