import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processMetrics, VirtualClock } from '@coxswain/machinery';
import { createWorkQueue } from './work-queue.ts';

function told(metric: string, name: string): number {
  const line = processMetrics
    .text()
    .split('\n')
    .find((each) => each.startsWith(`${metric}{name="${name}"}`));
  return Number(line?.split(' ')[1]);
}

test('QueueMetrics tells what waits, what is under way and for how long', async () => {
  const clock = new VirtualClock();
  const queue = createWorkQueue({ name: 'measured', clock });
  queue.add('a');
  queue.add('b');
  queue.add('a');
  assert.deepEqual([told('workqueue_adds_total', 'measured'), told('workqueue_depth', 'measured')], [2, 2]);
  await clock.advance(3000);
  const stop = new AbortController();
  let fail = true;
  const running = queue.run(
    async (key) => {
      await clock.sleep(2000);
      if (key === 'a' && fail) {
        fail = false;
        throw new Error('not yet');
      }
      return undefined;
    },
    { workers: 1, signal: stop.signal },
  );
  await clock.advance(500);
  assert.equal(told('workqueue_depth', 'measured'), 1);
  assert.equal(told('workqueue_longest_running_processor_seconds', 'measured'), 0.5);
  assert.equal(told('workqueue_queue_duration_seconds_sum', 'measured'), 3);
  await clock.advance(10_000);
  assert.equal(told('workqueue_retries_total', 'measured'), 1);
  assert.equal(told('workqueue_work_duration_seconds_count', 'measured'), 3);
  assert.equal(told('workqueue_work_duration_seconds_sum', 'measured'), 6);
  stop.abort();
  await running;
  assert.ok(Number.isNaN(told('workqueue_unfinished_work_seconds', 'measured')));
});
