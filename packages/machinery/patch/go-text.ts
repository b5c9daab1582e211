import { goNumber } from '../go-float.ts';
import { isInt64 } from '../json/int64.ts';

/** Prints a JSON value as Go's `%v` prints the decoded interface: `map[a:1 b:[x y]]`, keys sorted. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value as Record<string, unknown>).filter(([, v]) => v !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `map[${members.map(([k, v]) => `${k}:${goText(v)}`).join(' ')}]`;
  }
  if (typeof value === 'number') return goNumber(value);
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
  if (typeof value === 'number' || typeof value === 'bigint') return isInt64(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value;
}

/** The name that Go's encoding/json gives to a JSON value's type in its errors. */
export function jsonTypeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
