import type { Expr } from '../syntax/syntax-tree.ts';
import type { CelType } from '../types.ts';
import { type CelValue, isList, isMap } from '../values.ts';
import { fixed, type Range } from './range.ts';

/** What `size()` gives; 1 of what has none. */
export function sizeOfValue(value: CelValue): number {
  if (typeof value === 'string') {
    let count = 0;
    for (const _ of value) count++;
    return count;
  }
  if (value instanceof Uint8Array || (typeof value === 'object' && value !== null && isList(value))) {
    return value.length;
  }
  return isMap(value) ? value.size : 1;
}

/** The size of what is written out; undefined of all else. */
export function literalSize(expr: Expr): Range | undefined {
  if (expr.op === 'list') return fixed(expr.items.length);
  if (expr.op === 'map') return fixed(expr.entries.length);
  return expr.op === 'literal' ? fixed(sizeOfValue(expr.value)) : undefined;
}

const scalars: ReadonlySet<CelType['kind']> = new Set([
  'bool',
  'double',
  'duration',
  'int',
  'timestamp',
  'uint',
]);

/** The size of types whose values all have one; undefined of all others. */
export function scalarSize(type: CelType | undefined): Range | undefined {
  if (type?.kind === 'opaque' && type.name === 'optional_type') return scalarSize(type.params[0]);
  return type !== undefined && scalars.has(type.kind) ? fixed(1) : undefined;
}
