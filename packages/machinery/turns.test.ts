import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from './turns.ts';

test('nextTurn() resolves in the order of the calls, each once', async () => {
  const order: number[] = [];
  const all = Array.from({ length: 100 }, async (_, i) => {
    await nextTurn();
    order.push(i);
  });
  await Promise.all(all);
  assert.deepEqual(order, [...Array(100).keys()]);
});

test('nextTurn() lets others have their turn while many wait', async () => {
  let turns = 0;
  let ended = false;
  const others = (): void => {
    turns++;
    if (!ended) setImmediate(others);
  };
  setImmediate(others);
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      await nextTurn();
      const began = performance.now();
      while (performance.now() - began < 2);
    }),
  );
  ended = true;
  assert.ok(turns >= 20, `${turns} turns`);
});

test('nextTurn() comes to each in its order when all of them wait again', async () => {
  const counts = new Array<number>(40).fill(0);
  let most = 0;
  await Promise.all(
    counts.map(async (_, i) => {
      for (let round = 0; round < 5; round++) {
        await nextTurn();
        counts[i]!++;
        most = Math.max(most, Math.max(...counts) - Math.min(...counts));
      }
    }),
  );
  assert.equal(most, 1);
});
