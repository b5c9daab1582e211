import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isConflict, newStatusError, VirtualClock } from '@coxswain/machinery';
import { retryOnConflict } from './retry-on-conflict.ts';

const conflict = () =>
  newStatusError({ code: 409, reason: 'Conflict', message: 'the object has been modified' });

it('does the work again while others are faster, with growing waits', async () => {
  const clock = new VirtualClock();
  const at: number[] = [];
  const start = clock.monotonic();
  const done = retryOnConflict(
    async () => {
      at.push(clock.monotonic() - start);
      if (at.length < 4) throw conflict();
      return 'done';
    },
    { clock, initialMs: 10, factor: 5 },
  );
  await clock.advance(1_000);
  assert.equal(await done, 'done');
  assert.deepEqual(at, [0, 10, 60, 310]);
});

it('gives the last conflict when every attempt met one', async () => {
  const clock = new VirtualClock();
  let attempts = 0;
  const failed = retryOnConflict(
    () => {
      attempts++;
      return Promise.reject(conflict());
    },
    { clock },
  ).catch((error: unknown) => error);
  await clock.advance(1_000);
  assert.ok(isConflict(await failed));
  assert.equal(attempts, 5);
});

it('throws other errors at once', async () => {
  const failure = new Error('no');
  await assert.rejects(
    retryOnConflict(() => Promise.reject(failure)),
    failure,
  );
});
