import { int64, setMember } from '@coxswain/machinery';
import { DecodeError } from './decode-error.ts';
import { NumberLiteral } from './json-parser.ts';

/** Go's error for a value that nests too deep. */
export function tooDeep(): DecodeError {
  return new DecodeError('exceeded max depth');
}

/** Replaces numbers kept as written by whole ones of 64 bits, else doubles; `left` is how deep the value may nest. */
export function plainJson(value: unknown, left: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof NumberLiteral) return int64(value.text) ?? doubleOf(value.text);
  if (left <= 0) throw tooDeep();
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(plainJson(item, left - 1));
    return items;
  }
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value))
    setMember(out, key, plainJson((value as Record<string, unknown>)[key], left - 1));
  return out;
}

/** What is beyond all doubles would be written as null. */
function doubleOf(text: string): number {
  const double = Number(text);
  if (Number.isFinite(double)) return double;
  throw new DecodeError(`json: cannot unmarshal number ${text} into Go value of type float64`);
}
