import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { Backoff } from './backoff.ts';

test('next() doubles the delay up to the maximum', () => {
  const clock = new VirtualClock();
  const backoff = new Backoff(clock, 10_000, 300_000);
  const delays = [];
  for (let i = 0; i < 7; i++) {
    backoff.next('a', clock.now());
    delays.push(backoff.get('a') / 1000);
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300]);
});

test('next() begins anew when the last failure is longer ago than twice the maximum', async () => {
  const clock = new VirtualClock();
  const backoff = new Backoff(clock, 10_000, 300_000);
  backoff.next('a', clock.now());
  backoff.next('a', clock.now());
  await clock.advance(600_001);
  assert.equal(backoff.remainingSince('a', clock.now()), 0);
  backoff.next('a', clock.now());
  assert.equal(backoff.get('a'), 10_000);
});

test('remainingSince() counts from the failure', async () => {
  const clock = new VirtualClock();
  const backoff = new Backoff(clock, 10_000, 300_000);
  assert.equal(backoff.remainingSince('a', clock.now()), 0);
  const failed = clock.now();
  backoff.next('a', failed);
  await clock.advance(4_000);
  assert.equal(backoff.remainingSince('a', failed), 6_000);
  await clock.advance(6_000);
  assert.equal(backoff.remainingSince('a', failed), 0);
});
