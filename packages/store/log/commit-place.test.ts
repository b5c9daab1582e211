import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitPlace } from './commit-place.ts';

/** A loop whose time passes by hand. */
class Loop {
  now = 0;
  idle = 0;
  readonly place = new CommitPlace(() => ({ now: this.now, idle: this.idle }));

  /** Milliseconds pass, of which the loop sleeps that part; then somebody asks. */
  asks(ms: number, idlePart: number): boolean {
    this.now += ms;
    this.idle += ms * idlePart;
    return this.place.mayHold();
  }

  /** What it comes to when things go on like this. */
  settles(idlePart: number): boolean {
    for (let i = 0; i < 100; i++) this.asks(1, idlePart);
    return this.asks(1, idlePart);
  }
}

test('nobody holds the loop before the disk is known', () => {
  const loop = new Loop();
  assert.equal(loop.settles(0.9), false);
  loop.place.note(0.2, false);
  assert.equal(loop.settles(0.9), true);
});

test('a loop that has no time to spare is not held', () => {
  const loop = new Loop();
  loop.place.note(0.2, false);
  assert.equal(loop.settles(0.02), false);
  assert.equal(loop.settles(0.5), true);
  assert.equal(loop.settles(0), false);
});

test('a slow disk is left to the thread', () => {
  const loop = new Loop();
  loop.place.note(4, false);
  assert.equal(loop.settles(0.9), false);
  for (let i = 0; i < 100; i++) loop.place.note(0.2, false);
  assert.equal(loop.settles(0.9), true);
});

test('a disk that stalls is left to the thread for longer and longer', () => {
  const loop = new Loop();
  loop.place.note(0.2, false);
  assert.equal(loop.settles(0.9), true);
  const pauses: number[] = [];
  for (let stall = 0; stall < 9; stall++) {
    loop.place.note(8, true);
    for (let i = 0; i < 100; i++) loop.place.note(0.2, false);
    let pause = 0;
    while (!loop.asks(100, 0.9)) pause += 100;
    pauses.push(pause + 100);
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});
