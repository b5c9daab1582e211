import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerivedPool } from './derived-pool.ts';

class Thing {
  there = true;
  used = false;
}

function pool(limit: number): DerivedPool<Thing> {
  return new DerivedPool<Thing>(limit, {
    takeUsed: (thing) => {
      const { used } = thing;
      thing.used = false;
      return used;
    },
    forget: (thing) => {
      thing.there = false;
    },
  });
}

test('DerivedPool lets go of what is beyond its limit', () => {
  const kept = pool(100);
  const things = Array.from({ length: 50 }, () => new Thing());
  for (const thing of things) kept.add(thing, 10);
  assert.equal(kept.size, 100);
  assert.equal(things.filter((thing) => thing.there).length, 10);
});

test('DerivedPool spares what is in use', () => {
  const kept = pool(1_000);
  const used = Array.from({ length: 20 }, () => new Thing());
  for (const thing of used) kept.add(thing, 10);
  for (let i = 0; i < 500; i++) {
    for (const thing of used) thing.used = true;
    kept.add(new Thing(), 10);
  }
  assert.ok(used.filter((thing) => thing.there).length >= 19);
});

test('DerivedPool keeps a part of what is read over and over and does not fit', () => {
  const kept = pool(1_000);
  const things = Array.from({ length: 120 }, () => new Thing());
  let made = 0;
  for (let round = 0; round < 20; round++) {
    for (const thing of things) {
      thing.used = true;
      if (thing.there && round > 0) continue;
      thing.there = true;
      made++;
      kept.add(thing, 10);
    }
  }
  assert.ok(made < 20 * things.length * 0.6, `${made} were made`);
});

test('DerivedPool takes what is larger than its limit, alone', () => {
  const kept = pool(100);
  const [small, large, next] = [new Thing(), new Thing(), new Thing()];
  kept.add(small, 10);
  kept.add(large, 500);
  assert.deepEqual([small.there, large.there, kept.size], [false, true, 500]);
  kept.add(next, 10);
  assert.deepEqual([large.there, next.there, kept.size], [false, true, 10]);
});
