import { type Int64, isInt64 } from './json/int64.ts';

/** A float64 as Go prints it shortest, by `%v` and `%g`: with an exponent below 1e-4 and from a million on. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(value);
  // Go writes at least two digits of an exponent.
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A number of a JSON text as Go prints it, which reads whole ones as int64. */
export function goNumber(value: Int64): string {
  return isInt64(value) ? String(value) : goFloat(value);
}
