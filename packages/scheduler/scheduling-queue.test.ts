import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { aPod } from './fixtures-suite.ts';
import { defaultPlugins } from './plugins/default-plugins.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

function aQueue(): { queue: SchedulingQueue; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { queue: new SchedulingQueue(defaultPlugins, clock, () => {}), clock };
}

test('pop() gives the most important pod first, then the longest waiting', () => {
  const { queue } = aQueue();
  for (const [name, priority] of [
    ['a', 0],
    ['b', 5],
    ['c', 5],
    ['d', 1],
  ] as const)
    queue.set(aPod(name, { priority }));
  const order = Array.from({ length: 4 }, () => queue.pop()?.metadata.name);
  assert.deepEqual(order, ['b', 'c', 'd', 'a']);
  assert.equal(queue.pop(), undefined);
});

test('wake() brings a refused pod back after its back-off when the event concerns its refuser', async () => {
  const { queue, clock } = aQueue();
  queue.set(aPod('a'));
  queue.requeue(queue.pop() ?? assert.fail(), new Set(['NodeResourcesFit']));
  queue.wake('volume-change');
  await clock.advance(2_000);
  assert.equal(queue.pop(), undefined, 'volumes do not concern NodeResourcesFit');
  queue.wake('pod-delete');
  assert.equal(queue.pop()?.metadata.name, 'a');
});

test('requeue() doubles the back-off up to ten seconds after errors', async () => {
  const { queue, clock } = aQueue();
  queue.set(aPod('a'));
  for (const wait of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    queue.requeue(queue.pop() ?? assert.fail(`nothing to pop before ${wait}`), new Set());
    await clock.advance(wait - 1);
    assert.equal(queue.pop(), undefined);
    await clock.advance(1);
  }
  assert.equal(queue.pop()?.metadata.name, 'a');
});

test('requeue() tries at once again when an event came while the pod was in flight', async () => {
  const { queue, clock } = aQueue();
  queue.set(aPod('a'));
  const pod = queue.pop() ?? assert.fail();
  queue.wake('node-add');
  queue.requeue(pod, new Set(['NodeResourcesFit']));
  await clock.advance(1_000);
  assert.equal(queue.pop()?.metadata.name, 'a');
});

test('set() keeps a gated pod out until its last gate is lifted', () => {
  const { queue } = aQueue();
  const gated = aPod('a', { schedulingGates: [{ name: 'g' }] });
  queue.set(gated);
  assert.equal(queue.pop(), undefined);
  queue.set({ ...gated, spec: { ...gated['spec'], schedulingGates: [] } });
  assert.equal(queue.pop()?.metadata.name, 'a');
});
