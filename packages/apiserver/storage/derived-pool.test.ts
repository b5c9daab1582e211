import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Derived, DerivedPool } from './derived-pool.ts';

const made = (size = 10): Derived<string> => new Derived('made', size);
const isThere = (derived: Derived<string>): boolean => derived.value !== undefined;

test('DerivedPool lets go of what is beyond its limit', () => {
  const pool = new DerivedPool(100);
  const all = Array.from({ length: 50 }, () => made());
  for (const derived of all) pool.add(derived);
  assert.equal(pool.size, 100);
  assert.equal(all.filter(isThere).length, 10);
});

test('DerivedPool spares what is in use', () => {
  const pool = new DerivedPool(1_000);
  const used = Array.from({ length: 20 }, () => made());
  for (const derived of used) pool.add(derived);
  for (let i = 0; i < 500; i++) {
    for (const derived of used) derived.take();
    pool.add(made());
  }
  assert.ok(used.filter(isThere).length >= 19);
});

test('DerivedPool keeps a part of what is read over and over and does not fit', () => {
  const pool = new DerivedPool(1_000);
  const all: (Derived<string> | undefined)[] = Array.from({ length: 120 }, () => undefined);
  let count = 0;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < all.length; i++) {
      if (all[i]?.take() !== undefined) continue;
      const derived = made();
      all[i] = derived;
      derived.take();
      count++;
      pool.add(derived);
    }
  }
  assert.ok(count < 20 * all.length * 0.6, `${count} were made`);
});

test('DerivedPool takes what is larger than its limit, alone', () => {
  const pool = new DerivedPool(100);
  const [small, large, next] = [made(), made(500), made()];
  pool.add(small);
  pool.add(large);
  assert.deepEqual([isThere(small), isThere(large), pool.size], [false, true, 500]);
  pool.add(next);
  assert.deepEqual([isThere(large), isThere(next), pool.size], [false, true, 10]);
});

test('DerivedPool hands what was used on to the next, and only that', () => {
  const next = new DerivedPool(1_000);
  const pool = new DerivedPool(100, next);
  const used = Array.from({ length: 5 }, () => made());
  for (const derived of used) {
    pool.add(derived);
    derived.take();
  }
  const unused = Array.from({ length: 200 }, () => made());
  for (const derived of unused) pool.add(derived);
  assert.ok(used.every(isThere));
  assert.ok(next.size > 0 && next.size <= 50);
  assert.equal(unused.filter(isThere).length * 10 + 50, pool.size + next.size);
});

test('DerivedPool.forget() lets go of one and keeps the others in their places', () => {
  const pool = new DerivedPool(1_000);
  const all = Array.from({ length: 10 }, () => made());
  for (const derived of all) pool.add(derived);
  for (const i of [0, 9, 4]) pool.forget(all[i] as Derived<string>);
  assert.deepEqual(all.map(isThere), [false, true, true, true, false, true, true, true, true, false]);
  assert.equal(pool.size, 70);
  for (const i of [1, 2, 3, 5, 6, 7, 8]) pool.forget(all[i] as Derived<string>);
  assert.deepEqual([all.some(isThere), pool.size], [false, 0]);
});
