import { compare, equal } from '../equality.ts';
import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import { CelDuration, CelUint, type CelValue } from '../values.ts';
import { checkedInt, checkedUint } from './integers.ts';
import { comparableKinds } from './list-transforms.ts';

function extreme(list: readonly CelValue[], name: string, wins: (order: number) => boolean): CelValue {
  const [first, ...rest] = list;
  if (first === undefined) throw new CelRuntimeError(`${name} called on empty list`);
  return rest.reduce((best, item) => (wins(compare(item, best)) ? item : best), first);
}

const isSorted = (list: readonly CelValue[]): boolean =>
  list.every((item, i) => i === 0 || compare(list[i - 1] as CelValue, item) <= 0);

const indexOf = (list: readonly CelValue[], item: CelValue): bigint =>
  BigInt(list.findIndex((one) => equal(one, item)));

const contains = (list: readonly CelValue[], all: readonly CelValue[]): boolean =>
  all.every((item) => list.some((one) => equal(one, item)));

/** Lists and sets. */
export const listLibrary: FunctionTable = build();

function build(): FunctionTable {
  const table = new FunctionTable()
    .method('indexOf', 'list(A), A -> int', indexOf)
    .method('lastIndexOf', 'list(A), A -> int', (list: CelValue[], item: CelValue) =>
      BigInt(list.findLastIndex((one) => equal(one, item))),
    )
    .fn('sets.contains', 'list(A), list(A) -> bool', contains)
    .fn(
      'sets.equivalent',
      'list(A), list(A) -> bool',
      (a: CelValue[], b: CelValue[]) => contains(a, b) && contains(b, a),
    )
    .fn('sets.intersects', 'list(A), list(A) -> bool', (a: CelValue[], b: CelValue[]) =>
      a.some((item) => b.some((other) => equal(item, other))),
    );
  for (const kind of comparableKinds) {
    table
      .method('isSorted', `list(${kind}) -> bool`, isSorted)
      .method('min', `list(${kind}) -> ${kind}`, (list: CelValue[]) =>
        extreme(list, 'min', (order) => order < 0),
      )
      .method('max', `list(${kind}) -> ${kind}`, (list: CelValue[]) =>
        extreme(list, 'max', (order) => order > 0),
      );
  }
  return table
    .method('sum', 'list(int) -> int', (list: CelValue[]) => sum(list))
    .method('sum', 'list(uint) -> uint', (list: CelValue[]) => sum(list))
    .method('sum', 'list(double) -> double', (list: CelValue[]) => sum(list))
    .method('sum', 'list(duration) -> duration', (list: CelValue[]) => sum(list));
}

/** All of one kind: the checker has seen to it, or the values say so. */
function sum(list: readonly CelValue[]): CelValue {
  const [first] = list;
  if (typeof first === 'number') return (list as number[]).reduce((a, b) => a + b, 0);
  if (first instanceof CelUint) return checkedUint((list as CelUint[]).reduce((a, b) => a + b.value, 0n));
  if (first instanceof CelDuration) {
    return new CelDuration((list as CelDuration[]).reduce((a, b) => a + b.nanos, 0n));
  }
  return checkedInt((list as bigint[]).reduce((a, b) => a + b, 0n));
}
