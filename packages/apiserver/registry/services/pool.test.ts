import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool } from './pool.ts';

test('Pool.takeAny() gives the dynamic band first, then the rest, then nothing', () => {
  const pool = new Pool(1, 6, 4, () => 0);
  assert.deepEqual([pool.takeAny(), pool.takeAny(), pool.takeAny()], [4, 5, 6]);
  assert.deepEqual([pool.takeAny(), pool.takeAny(), pool.takeAny()], [1, 2, 3]);
  assert.equal(pool.takeAny(), undefined);
});

test('Pool.take() refuses what is taken until it is released', () => {
  const pool = new Pool(1, 6, 4, () => 0.5);
  assert.equal(pool.take(2), true);
  assert.equal(pool.take(2), false);
  pool.release(2);
  assert.equal(pool.take(2), true);
});
