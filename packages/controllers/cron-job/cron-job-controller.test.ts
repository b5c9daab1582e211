import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { cronJobs, jobs } from '../shared/resources.ts';
import { CronJobController } from './cron-job-controller.ts';

const minute = 60_000;

const tick = (spec: object): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tick', namespace: 'default' },
  spec: {
    schedule: '*/5 * * * *',
    concurrencyPolicy: 'Allow',
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { template: { spec: { containers: [] } } } },
    ...spec,
  },
});

async function started(spec: object): Promise<Harness> {
  const harness = new Harness();
  await harness.clock.advance(
    Math.ceil(harness.clock.now() / (5 * minute)) * 5 * minute - harness.clock.now() + 1000,
  );
  await harness.run(new CronJobController(harness.context));
  await harness.client.resource(cronJobs, 'default').create(tick(spec));
  return harness;
}

const children = async (harness: Harness): Promise<readonly KubeObject[]> =>
  (await harness.client.resource(jobs, 'default').list()).items;

async function finish(harness: Harness, type: 'Complete' | 'Failed'): Promise<void> {
  for (const job of await children(harness)) {
    if (job['status']?.conditions) continue;
    const now = new Date(harness.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    await harness.client.resource(jobs, 'default').updateStatus({
      ...job,
      status: { startTime: now, completionTime: now, conditions: [{ type, status: 'True' }] },
    });
  }
}

test('CronJobController starts a job at every moment of the schedule and keeps as many as it may', async () => {
  const harness = await started({});
  await harness.clock.advance(4 * minute);
  assert.equal((await children(harness)).length, 0);
  await harness.clock.advance(minute);
  const [job] = await children(harness);
  assert.equal(job?.metadata.name, `tick-${Math.floor(harness.clock.now() / minute)}`);
  assert.match(job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '', /Z$/);
  for (let i = 0; i < 5; i++) {
    await finish(harness, 'Complete');
    await harness.clock.advance(5 * minute);
  }
  await finish(harness, 'Complete');
  await harness.clock.advance(minute);
  assert.equal((await children(harness)).length, 3);
  const { status } = await harness.client.resource(cronJobs, 'default').get('tick');
  assert.equal(status.active, undefined);
  assert.ok(status.lastSuccessfulTime);
  await harness.until('the event is there', async () =>
    (await harness.events()).some((event) => event.startsWith('SawCompletedJob: Saw completed job: tick-')),
  );
  await harness.stop();
});

test('CronJobController starts no second job where that is forbidden, and replaces where it is asked to', async () => {
  for (const [concurrencyPolicy, same] of [
    ['Forbid', true],
    ['Replace', false],
  ] as const) {
    const harness = await started({ concurrencyPolicy });
    await harness.clock.advance(5 * minute);
    const [first] = await children(harness);
    await harness.clock.advance(5 * minute);
    const now = await children(harness);
    assert.equal(now.length, 1);
    assert.equal(now[0]?.metadata.uid === first?.metadata.uid, same, concurrencyPolicy);
    await harness.stop();
  }
});

test('CronJobController starts nothing while suspended and then only the latest missed moment', async () => {
  const harness = await started({ suspend: true });
  await harness.clock.advance(12 * minute);
  assert.equal((await children(harness)).length, 0);
  const client = harness.client.resource(cronJobs, 'default');
  await client.patch('tick', 'application/merge-patch+json', { spec: { suspend: false } });
  await harness.clock.advance(1000);
  assert.equal((await children(harness)).length, 1);
  await harness.stop();
});
