import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { createWorkQueue } from './work-queue.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('run() handles a key once however often it was added, in order', async () => {
  const queue = createWorkQueue({ name: 't', clock: new VirtualClock() });
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  assert.equal(queue.length, 3);
  const seen: string[] = [];
  const stop = new AbortController();
  const done = queue.run(async (key) => void seen.push(key), { workers: 1, signal: stop.signal });
  await tick();
  assert.deepEqual(seen, ['a', 'b', 'c']);
  stop.abort();
  await done;
});

it('run() never handles a key twice at once, and again when it was added meanwhile', async () => {
  const queue = createWorkQueue({ name: 't', clock: new VirtualClock() });
  const started: string[] = [];
  const gates: (() => void)[] = [];
  const stop = new AbortController();
  const reconcile = async (key: string): Promise<void> => {
    started.push(key);
    await new Promise<void>((resolve) => gates.push(resolve));
  };
  const done = queue.run(reconcile, { workers: 3, signal: stop.signal });
  queue.add('a');
  await tick();
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await tick();
  assert.deepEqual(started, ['a', 'b']);
  gates[0]?.();
  await tick();
  assert.deepEqual(started, ['a', 'b', 'a']);
  stop.abort();
  let ended = false;
  void done.then(() => (ended = true));
  await tick();
  assert.equal(ended, false, 'run() waits for what is running');
  for (const open of gates) open();
  await done;
});

it('a failing key comes back after 5 ms doubling, and from 5 ms again after a success', async () => {
  const clock = new VirtualClock();
  const queue = createWorkQueue({ name: 't', clock });
  const at: number[] = [];
  const start = clock.now();
  const stop = new AbortController();
  const reconcile = async (): Promise<void> => {
    at.push(clock.now() - start);
    if (at.length !== 4) throw new Error('not yet');
  };
  const done = queue.run(reconcile, { workers: 1, signal: stop.signal });
  queue.add('a');
  await clock.advance(100);
  assert.deepEqual(at, [0, 5, 15, 35]);
  queue.add('a');
  await clock.advance(6);
  assert.deepEqual(at.slice(4), [100, 105]);
  stop.abort();
  await done;
});

it('requeueAfterMs and addAfter bring a key back at the earliest time asked', async () => {
  const clock = new VirtualClock();
  const queue = createWorkQueue({ name: 't', clock });
  const start = clock.now();
  const at: number[] = [];
  const stop = new AbortController();
  const done = queue.run(
    async () => {
      at.push(clock.now() - start);
      return at.length === 1 ? { requeueAfterMs: 1_000 } : undefined;
    },
    { workers: 1, signal: stop.signal },
  );
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  queue.addAfter('a', 900);
  await clock.advance(5_000);
  assert.deepEqual(at, [200, 1_200]);
  stop.abort();
  await done;
  assert.equal(clock.waiting, 0);
});
