import { compare, equal } from '../equality.ts';
import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import { CelOptional, type CelValue, isList, noValue, typeNameOf } from '../values.ts';

/** What lists are sorted by. */
export const comparableKinds = [
  'int',
  'uint',
  'double',
  'bool',
  'duration',
  'timestamp',
  'string',
  'bytes',
] as const;

type List = readonly CelValue[];

/** The longest list that a range makes. */
const longestRange = 1_000_000n;

function range(size: bigint): List {
  if (size < 0n) throw new CelRuntimeError(`lists.range: size must be non-negative, got ${size}`);
  if (size > longestRange) {
    throw new CelRuntimeError(`lists.range: size ${size} exceeds maximum allowed (${longestRange})`);
  }
  return Array.from({ length: Number(size) }, (_, i) => BigInt(i));
}

function slice(list: List, start: bigint, end: bigint): List {
  const refused = (why: string): CelRuntimeError =>
    new CelRuntimeError(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0n || end < 0n) throw refused('negative indexes not supported');
  if (start > end) throw refused('start index must be less than or equal to end index');
  if (end > BigInt(list.length)) throw refused(`list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function flatten(list: List, depth: bigint): List {
  if (depth < 0n) throw new CelRuntimeError('level must be non-negative');
  return list.flatMap((item) => (depth > 0n && isList(item) ? flatten(item, depth - 1n) : [item]));
}

const distinct = (list: List): List =>
  list.filter((item, i) => list.findIndex((other) => equal(other, item)) === i);

/** A list in the order of what is told of each of its items. */
export function sortedBy(list: List, keys: List): List {
  const [first] = keys;
  if (first === undefined) return list;
  const type = typeNameOf(first);
  if (!keys.every((key) => typeNameOf(key) === type)) {
    throw new CelRuntimeError('list elements must have the same type');
  }
  const order = keys.map((_, i) => i).sort((a, b) => compare(keys[a] as CelValue, keys[b] as CelValue));
  return order.map((i) => list[i] as CelValue);
}

const optionalItem = (item: CelValue | undefined): CelOptional =>
  item === undefined ? noValue : new CelOptional(item);

const unwrapped = (list: readonly CelOptional[]): List =>
  list.flatMap(({ value }) => (value === undefined ? [] : [value]));

/** Lists made of lists, and the items at their ends. */
export const listTransformLibrary: FunctionTable = build();

function build(): FunctionTable {
  const table = new FunctionTable()
    .fn('lists.range', 'int -> list(int)', range)
    .method('slice', 'list(A), int, int -> list(A)', slice)
    .method('flatten', 'list(list(A)) -> list(A)', (list: List) => flatten(list, 1n))
    .method('flatten', 'list(dyn), int -> list(dyn)', flatten)
    .method('reverse', 'list(A) -> list(A)', (list: List) => list.toReversed())
    .method('distinct', 'list(A) -> list(A)', distinct)
    .method('first', 'list(A) -> optional(A)', (list: List) => optionalItem(list[0]))
    .method('last', 'list(A) -> optional(A)', (list: List) => optionalItem(list.at(-1)))
    .fn('optional.unwrap', 'list(optional(A)) -> list(A)', unwrapped)
    .method('unwrapOpt', 'list(optional(A)) -> list(A)', unwrapped);
  for (const kind of comparableKinds) {
    table
      .method('sort', `list(${kind}) -> list(${kind})`, (list: List) => sortedBy(list, list))
      .method('@sortByAssociatedKeys', `list(A), list(${kind}) -> list(A)`, sortedBy);
  }
  return table;
}
