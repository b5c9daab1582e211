import assert from 'node:assert/strict';
import { it } from 'node:test';
import { prefixEnd, SortedMap } from './sorted-map.ts';

/** A small generator with a fixed seed, so that a failure repeats. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

it('SortedMap does what a sorted plain map does, and snapshots do not move', () => {
  const next = random(7);
  const map = new SortedMap<number>();
  const model = new Map<string, number>();
  const kept: { readonly copy: SortedMap<number>; readonly expected: [string, number][] }[] = [];
  const sorted = (): [string, number][] => [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let i = 0; i < 20_000; i++) {
    const key = `k${next(3_000)}`;
    if (next(3) === 0) {
      assert.equal(map.delete(key), model.get(key));
      model.delete(key);
    } else {
      assert.equal(map.set(key, i), model.get(key));
      model.set(key, i);
    }
    assert.equal(map.size, model.size);
    if (i % 2_000 === 0) kept.push({ copy: map.snapshot(), expected: sorted() });
  }
  assert.deepEqual([...map.entries()], sorted());
  for (const { copy, expected } of kept) assert.deepEqual([...copy.entries()], expected);
  for (let i = 0; i < 300; i++) {
    const [from, end] = [`k${next(3_000)}`, next(5) === 0 ? undefined : `k${next(3_000)}`];
    const expected = sorted().filter(([key]) => key >= from && (end === undefined || key < end));
    const found = map.scan(from, end, 40);
    assert.equal(found.count, expected.length);
    assert.deepEqual(
      found.values,
      expected.slice(0, 40).map(([, value]) => value),
    );
  }
});

it('a snapshot that is written to leaves its origin alone', () => {
  const map = SortedMap.fromSorted(['a', 'b'], [1, 2]);
  const copy = map.snapshot();
  copy.set('a', 9);
  copy.delete('b');
  map.set('c', 3);
  assert.deepEqual(
    [...map.entries()],
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
  );
  assert.deepEqual([...copy.entries()], [['a', 9]]);
});

it('prefixEnd() gives the first string after the prefix', () => {
  assert.equal(prefixEnd('/a/'), '/a0');
  assert.equal(prefixEnd('a\uffff'), 'b');
  assert.equal(prefixEnd(''), undefined);
});
