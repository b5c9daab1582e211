import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paceRequests } from './paced-requests.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Each request takes a millisecond. */
function paced(): { begun: number[]; take: (request: number) => void } {
  const begun: number[] = [];
  let now = 0;
  const begin = (request: number): void => {
    begun.push(request);
    now++;
  };
  return { begun, take: paceRequests(begin, () => now) };
}

test('a few requests begin at once', () => {
  const { begun, take } = paced();
  take(1);
  take(2);
  assert.deepEqual(begun, [1, 2]);
});

test('many begin over several turns, in their order, and others come in between', async () => {
  const { begun, take } = paced();
  const all = Array.from({ length: 1_000 }, (_, i) => i);
  for (const request of all) take(request);
  assert.equal(begun.length, 8, 'as many as there is time for');
  let turns = 0;
  for (let before = 0; begun.length < all.length; turns++) {
    assert.ok(begun.length > before, 'each turn begins some');
    assert.ok(begun.length - before <= 16, 'and not too many');
    before = begun.length;
    if (turns === 3) {
      take(1_000);
      all.push(1_000);
    }
    await turn();
  }
  assert.deepEqual(begun, all);
  assert.ok(turns > 60);
});
