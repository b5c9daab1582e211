import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { RateLimiter } from './rate-limiter.ts';

it('lets a burst pass at once, and then so many a second', async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({ qps: 2, burst: 3 }, clock);
  const passed: number[] = [];
  for (let i = 0; i < 3; i++) assert.equal(limiter.take(), undefined);
  for (let i = 0; i < 2; i++) void limiter.take()?.then(() => passed.push(clock.monotonic()));
  const start = clock.monotonic();
  await clock.advance(2_000);
  assert.deepEqual(
    passed.map((at) => at - start),
    [500, 1_000],
  );
});

it('gathers no more than a burst while nothing is asked', async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({ qps: 10, burst: 1 }, clock);
  await clock.advance(60_000);
  assert.equal(limiter.take(), undefined);
  assert.notEqual(limiter.take(), undefined);
});

it('a wait ends when its signal aborts', async () => {
  const limiter = new RateLimiter({ qps: 1, burst: 1 }, new VirtualClock());
  limiter.take();
  const reason = new Error('enough');
  await assert.rejects(async () => limiter.take(AbortSignal.abort(reason)), reason);
});
