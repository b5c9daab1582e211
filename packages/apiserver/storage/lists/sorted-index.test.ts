import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SortedIndex } from './sorted-index.ts';

test('SortedIndex keeps keys in order when thousands are added and removed', () => {
  const index = new SortedIndex<number>();
  const model = new Map<string, number>();
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed;
  };
  for (let i = 0; i < 20_000; i++) {
    const key = `/k/${random() % 3000}`;
    if (random() % 3 === 0) {
      index.delete(key);
      model.delete(key);
    } else {
      index.set(key, i);
      model.set(key, i);
    }
  }
  const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, v]) => v);
  assert.deepEqual(index.values('/k/'), expected);
  assert.equal(index.size, model.size);
  for (const [key, value] of model) assert.equal(index.get(key), value);
});

test('SortedIndex.scan() starts at the key given when it lies inside of the prefix', () => {
  const index = new SortedIndex<string>();
  for (const key of ['/a/1', '/b/1', '/b/2', '/b/3', '/c/1']) index.set(key, key);
  const seen: string[] = [];
  index.scan('/b/', '/b/2', (value) => {
    seen.push(value);
    return true;
  });
  assert.deepEqual(seen, ['/b/2', '/b/3']);
});

test('SortedIndex.lastKey() is the last one of the prefix', () => {
  const index = new SortedIndex<number>();
  assert.equal(index.lastKey('a/'), undefined);
  for (let i = 0; i < 2000; i++) index.set(`b/${String(i).padStart(4, '0')}`, i);
  for (const key of ['a/x', 'a/y', 'c/z']) index.set(key, 0);
  assert.equal(index.lastKey('a/'), 'a/y');
  assert.equal(index.lastKey('b/'), 'b/1999');
  assert.equal(index.lastKey('c/'), 'c/z');
  assert.equal(index.lastKey('a0/'), undefined);
  assert.equal(index.lastKey('d/'), undefined);
});
