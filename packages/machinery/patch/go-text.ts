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

/** Prints a JSON value as Go's `%s` does, which takes text alone: `%!s(int64=1)`. */
export function goStringVerb(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return `[${value.map(goStringVerb).join(' ')}]`;
  if (typeof value !== 'object') return `%!s(${goTypeName(value)}=${goText(value)})`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([k, v]) => `${k}:${goStringVerb(v)}`).join(' ')}]`;
}

/** Go's `%T` of a decoded JSON value that is not null. */
export function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value;
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
