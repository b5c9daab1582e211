import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, inTurns, type Steps } from './steps.ts';

function* spinning(steps: number, ms: number): Steps<number> {
  for (let i = 0; i < steps; i++) {
    const began = performance.now();
    while (performance.now() - began < ms);
    yield;
  }
  return steps;
}

test('finish() does all steps at once', () => {
  assert.equal(finish(spinning(3, 0)), 3);
});

test('inTurns() lets others have their turn', async () => {
  let turns = 0;
  let ended = false;
  const others = (): void => {
    turns++;
    if (!ended) setImmediate(others);
  };
  setImmediate(others);
  assert.equal(await inTurns(spinning(20, 1)), 20);
  ended = true;
  assert.ok(turns >= 9, `${turns} turns`);
});

test('inTurns() fails as its steps do', async () => {
  const failing = function* (): Steps<void> {
    yield;
    throw new Error('no');
  };
  await assert.rejects(inTurns(failing()), /^Error: no$/);
});
