import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { ExpiringCache } from './expiring-cache.ts';

test('ExpiringCache forgets what is too old, and what was not asked for longest', async () => {
  const clock = new VirtualClock();
  const cache = new ExpiringCache<number>(2, clock);
  cache.set('a', 1, 1000);
  cache.set('never', 0, 0);
  assert.equal(cache.get('never'), undefined);
  await clock.advance(500);
  cache.set('b', 2, 1000);
  assert.equal(cache.get('a'), 1);
  cache.set('c', 3, 1000);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => cache.get(key)),
    [1, undefined, 3],
  );
  await clock.advance(500);
  assert.deepEqual(
    ['a', 'c'].map((key) => cache.get(key)),
    [undefined, 3],
  );
});
