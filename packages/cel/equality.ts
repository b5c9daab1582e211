import { CelRuntimeError } from './issue.ts';
import {
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelTypeName,
  CelUint,
  type CelValue,
  isList,
  isMap,
  isOpaque,
} from './values.ts';

/** Any number as one that can be compared with the others. */
function numberOf(value: CelValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof CelUint ? value.value : undefined;
}

/** Equality over all types: values of different types are unequal, numbers are compared by value. */
export function equal(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  const [x, y] = [numberOf(a), numberOf(b)];
  // Order is exact between bigint and number, and holds for no NaN.
  if (x !== undefined && y !== undefined) return x <= y && x >= y;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  // Loops, as values nest deep.
  if (isList(a)) {
    if (!isList(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equal(a[i] as CelValue, b[i] as CelValue)) return false;
    return true;
  }
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeName) return b instanceof CelTypeName && a.name === b.name;
  if (a instanceof CelOptional) {
    if (!(b instanceof CelOptional)) return false;
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value);
  }
  if (isMap(a)) {
    if (!isMap(b) || a.size !== b.size) return false;
    for (const key of a.keys()) {
      const other = b.get(key);
      if (other === undefined || !equal(a.get(key) as CelValue, other)) return false;
    }
    return true;
  }
  return isOpaque(a) && isOpaque(b) && a.typeName === b.typeName && a.equals(b);
}

/** Below, at or above zero as `a` is less than, equal to or more than `b`. */
export function compare(a: CelValue, b: CelValue): number {
  const [x, y] = [orderOf(a), orderOf(b)];
  if (x === undefined || y === undefined || (typeof x === 'string') !== (typeof y === 'string')) {
    throw new CelRuntimeError('no such overload');
  }
  if (typeof x === 'string' && typeof y === 'string') return Buffer.compare(Buffer.from(x), Buffer.from(y));
  return x < y ? -1 : x > y ? 1 : 0;
}

function orderOf(value: CelValue): bigint | number | string | undefined {
  const number = numberOf(value);
  if (number !== undefined) return number;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof CelTimestamp || value instanceof CelDuration) return value.nanos;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : undefined;
}
