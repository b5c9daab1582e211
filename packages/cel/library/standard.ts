import { compare, equal } from '../equality.ts';
import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import {
  CelDuration,
  type CelMap,
  CelOptional,
  CelTimestamp,
  CelTypeName,
  CelUint,
  type CelValue,
  isList,
  noValue,
  typeNameOf,
} from '../values.ts';
import { addConversions } from './conversions.ts';
import { checkedInt, checkedUint } from './integers.ts';
import { addTimes } from './times.ts';

function divisor(value: bigint, what: string): bigint {
  if (value === 0n) throw new CelRuntimeError(what);
  return value;
}

/** The operators and functions of the language itself. */
export const standardLibrary: FunctionTable = build();

function build(): FunctionTable {
  const table = new FunctionTable();
  addArithmetic(table);
  addComparison(table);
  addCollections(table);
  addOptionals(table);
  addConversions(table);
  addTimes(table);
  table.fn('!_', 'bool -> bool', (a: boolean) => !a);
  table.fn('_&&_', 'bool, bool -> bool', (a: boolean, b: boolean) => a && b);
  table.fn('_||_', 'bool, bool -> bool', (a: boolean, b: boolean) => a || b);
  table.fn('_?_:_', 'bool, A, A -> A', (a: boolean, b: CelValue, c: CelValue) => (a ? b : c));
  table.fn('type', 'A -> type(A)', (a: CelValue) => new CelTypeName(typeNameOf(a)));
  table.fn('dyn', 'A -> dyn', (a: CelValue) => a);
  return table;
}

function addArithmetic(table: FunctionTable): void {
  table
    .fn('_+_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a + b))
    .fn('_+_', 'uint, uint -> uint', (a: CelUint, b: CelUint) => checkedUint(a.value + b.value))
    .fn('_+_', 'double, double -> double', (a: number, b: number) => a + b)
    .fn('_+_', 'string, string -> string', (a: string, b: string) => a + b)
    .fn('_+_', 'bytes, bytes -> bytes', (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b]))
    .fn('_+_', 'list(A), list(A) -> list(A)', (a: CelValue[], b: CelValue[]) => [...a, ...b])
    .fn('_-_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a - b))
    .fn('_-_', 'uint, uint -> uint', (a: CelUint, b: CelUint) => checkedUint(a.value - b.value))
    .fn('_-_', 'double, double -> double', (a: number, b: number) => a - b)
    .fn('_*_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a * b))
    .fn('_*_', 'uint, uint -> uint', (a: CelUint, b: CelUint) => checkedUint(a.value * b.value))
    .fn('_*_', 'double, double -> double', (a: number, b: number) => a * b)
    .fn('_/_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a / divisor(b, 'division by zero')))
    .fn('_/_', 'uint, uint -> uint', (a: CelUint, b: CelUint) =>
      checkedUint(a.value / divisor(b.value, 'division by zero')),
    )
    .fn('_/_', 'double, double -> double', (a: number, b: number) => a / b)
    .fn('_%_', 'int, int -> int', (a: bigint, b: bigint) => a % divisor(b, 'modulus by zero'))
    .fn('_%_', 'uint, uint -> uint', (a: CelUint, b: CelUint) =>
      checkedUint(a.value % divisor(b.value, 'modulus by zero')),
    )
    .fn('-_', 'int -> int', (a: bigint) => checkedInt(-a))
    .fn('-_', 'double -> double', (a: number) => -a);
}

/** Numbers of all kinds are compared with each other; everything else with its own kind. */
function addComparison(table: FunctionTable): void {
  const numbers = ['int', 'uint', 'double'];
  const others = ['bool', 'string', 'bytes', 'timestamp', 'duration'];
  const relations: Readonly<Record<string, (order: number) => boolean>> = {
    '_<_': (order) => order < 0,
    '_<=_': (order) => order <= 0,
    '_>_': (order) => order > 0,
    '_>=_': (order) => order >= 0,
  };
  for (const [name, holds] of Object.entries(relations)) {
    const run = (a: CelValue, b: CelValue): boolean => !isNaNEither(a, b) && holds(compare(a, b));
    for (const a of numbers) for (const b of numbers) table.fn(name, `${a}, ${b} -> bool`, run);
    for (const kind of others) table.fn(name, `${kind}, ${kind} -> bool`, run);
  }
  table.fn('_==_', 'A, A -> bool', equal);
  table.fn('_!=_', 'A, A -> bool', (a: CelValue, b: CelValue) => !equal(a, b));
}

function isNaNEither(a: CelValue, b: CelValue): boolean {
  return Number.isNaN(a) || Number.isNaN(b);
}

function at(list: readonly CelValue[], index: bigint): CelValue {
  const value = list[Number(index)];
  if (value === undefined) throw new CelRuntimeError(`index out of bounds: ${index}`);
  return value;
}

/** The error of a map that lacks a key. */
export function noSuchKey(key: CelValue): CelRuntimeError {
  const shown = key instanceof CelUint ? key.value : key;
  return new CelRuntimeError(`no such key: ${typeof shown === 'object' ? '' : shown}`);
}

function member(map: CelMap, key: CelValue): CelValue {
  const value = map.get(key);
  if (value === undefined) throw noSuchKey(key);
  return value;
}

function addCollections(table: FunctionTable): void {
  const sizes: readonly [string, (value: any) => bigint][] = [
    ['string', (s: string) => BigInt([...s].length)],
    ['bytes', (b: Uint8Array) => BigInt(b.length)],
    ['list(A)', (l: CelValue[]) => BigInt(l.length)],
    ['map(A,B)', (m: CelMap) => BigInt(m.size)],
  ];
  for (const [type, size] of sizes) {
    table.fn('size', `${type} -> int`, size);
    table.method('size', `${type} -> int`, size);
  }
  const optional = (value: CelValue | undefined): CelOptional =>
    value === undefined ? noValue : new CelOptional(value);
  table
    .fn('_[_]', 'list(A), int -> A', at)
    .fn('_[_]', 'map(A,B), A -> B', member)
    .fn('_[_]', 'optional(list(A)), int -> optional(A)', (o: CelOptional, i: bigint) =>
      optional(isList(o.value ?? null) ? (o.value as CelValue[])[Number(i)] : undefined),
    )
    .fn('_[_]', 'optional(map(A,B)), A -> optional(B)', (o: CelOptional, key: CelValue) =>
      optional((o.value as CelMap | undefined)?.get(key)),
    )
    .fn('_[?_]', 'list(A), int -> optional(A)', (list: CelValue[], i: bigint) => optional(list[Number(i)]))
    .fn('_[?_]', 'map(A,B), A -> optional(B)', (map: CelMap, key: CelValue) => optional(map.get(key)))
    .fn('_[?_]', 'optional(list(A)), int -> optional(A)', (o: CelOptional, i: bigint) =>
      optional((o.value as CelValue[] | undefined)?.[Number(i)]),
    )
    .fn('_[?_]', 'optional(map(A,B)), A -> optional(B)', (o: CelOptional, key: CelValue) =>
      optional((o.value as CelMap | undefined)?.get(key)),
    )
    .fn('@in', 'A, list(A) -> bool', (a: CelValue, list: CelValue[]) => list.some((item) => equal(a, item)))
    .fn('@in', 'A, map(A,B) -> bool', (a: CelValue, map: CelMap) => map.get(a) !== undefined);
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanos === 0n;
  if (isList(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && 'size' in value && value.size === 0;
}

function addOptionals(table: FunctionTable): void {
  table
    .fn('optional.of', 'A -> optional(A)', (a: CelValue) => new CelOptional(a))
    .fn('optional.ofNonZeroValue', 'A -> optional(A)', (a: CelValue) =>
      isZero(a) ? noValue : new CelOptional(a),
    )
    .fn('optional.none', ' -> optional(A)', () => noValue)
    .method('hasValue', 'optional(A) -> bool', (o: CelOptional) => o.value !== undefined)
    .method('value', 'optional(A) -> A', (o: CelOptional) => {
      if (o.value === undefined) throw new CelRuntimeError('optional.none() dereference');
      return o.value;
    })
    .method('or', 'optional(A), optional(A) -> optional(A)', (a: CelOptional, b: CelOptional) =>
      a.value === undefined ? b : a,
    )
    .method('orValue', 'optional(A), A -> A', (a: CelOptional, b: CelValue) => a.value ?? b);
}
