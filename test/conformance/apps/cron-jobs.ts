import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { idle } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';
import { job } from './jobs.ts';
import { query } from './workloads.ts';

const everyMinute = '*/1 * * * ?';

const cronJob = (name: string, spec: object): any => {
  const made = job(name, { parallelism: 1, completions: 1 }, idle, 'OnFailure');
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { schedule: everyMinute, concurrencyPolicy: 'Allow', ...spec, jobTemplate: { spec: made.spec } },
  };
};

/** Waits are for the turn of minutes: these take two of them, all at the same time. */
export function cronJobs({ api, namespace }: Suite): void {
  const setUp = async (): Promise<{ cronJobs: string; jobs: string }> => {
    const base = `/apis/batch/v1/namespaces/${await namespace('cronjob')}`;
    return { cronJobs: `${base}/cronjobs`, jobs: `${base}/jobs` };
  };
  const active = (path: string, count: number): Promise<any> =>
    api.until(`${count} active jobs`, path, ({ status }) => (status.active ?? []).length >= count);
  const drop = (path: string): Promise<any> => api.delete(path, { propagationPolicy: 'Background' });

  test('CronJob should schedule multiple jobs concurrently', async () => {
    const { cronJobs, jobs } = await setUp();
    await api.create(cronJobs, cronJob('concurrent', {}));
    await active(`${cronJobs}/concurrent`, 2);
    assert.ok((await api.get(jobs)).items.length >= 2);
    await drop(`${cronJobs}/concurrent`);
  });

  test('CronJob should not schedule jobs when suspended [Slow]', async () => {
    const { cronJobs, jobs } = await setUp();
    const other = await setUp();
    await api.create(cronJobs, cronJob('suspended', { suspend: true }));
    // Another one of the same schedule tells that the time has come.
    await api.create(other.cronJobs, cronJob('clock', {}));
    await active(`${other.cronJobs}/clock`, 1);
    assert.equal((await api.get(jobs)).items.length, 0);
    await drop(`${cronJobs}/suspended`);
    await drop(`${other.cronJobs}/clock`);
  });

  test('CronJob should not schedule new jobs when ForbidConcurrent [Slow]', async () => {
    const { cronJobs, jobs } = await setUp();
    const other = await setUp();
    await api.create(cronJobs, cronJob('forbid', { concurrencyPolicy: 'Forbid' }));
    await active(`${cronJobs}/forbid`, 1);
    await api.create(other.cronJobs, cronJob('clock', {}));
    await active(`${other.cronJobs}/clock`, 1);
    assert.equal((await api.get(jobs)).items.length, 1);
    assert.equal((await api.get(`${cronJobs}/forbid`)).status.active.length, 1);
    await drop(`${cronJobs}/forbid`);
    await drop(`${other.cronJobs}/clock`);
  });

  test('CronJob should replace jobs when ReplaceConcurrent', async () => {
    const { cronJobs, jobs } = await setUp();
    await api.create(cronJobs, cronJob('replace', { concurrencyPolicy: 'Replace' }));
    const first = await active(`${cronJobs}/replace`, 1);
    const { uid } = first.status.active[0];
    await api.until(
      'another job',
      `${cronJobs}/replace`,
      ({ status }) => status.active?.length === 1 && status.active[0].uid !== uid,
    );
    await eventually(
      'the first is gone',
      async () => !(await api.get(jobs)).items.some(({ metadata }: any) => metadata.uid === uid),
    );
    await drop(`${cronJobs}/replace`);
  });

  test('CronJob should support CronJob API operations', async () => {
    const { cronJobs } = await setUp();
    const { resources } = await api.get('/apis/batch/v1');
    for (const name of ['cronjobs', 'cronjobs/status'])
      assert.ok(resources.some((r: any) => r.name === name));
    const mark = { 'special-label': 'cronjob-api' };
    const template = {
      ...cronJob('api', { suspend: true }),
      metadata: { generateName: 'e2e-example-cj', labels: mark },
    };
    const names: string[] = [];
    for (let count = 0; count < 3; count++) names.push((await api.create(cronJobs, template)).metadata.name);
    const one = `${cronJobs}/${names[0]}`;
    assert.equal((await api.get(one)).metadata.name, names[0]);
    assert.equal((await api.get(`/apis/batch/v1/cronjobs?${query(mark)}`)).items.length, 3);
    const log = await api.watch(cronJobs, { labelSelector: 'special-label=cronjob-api' });
    await api.patch(one, { metadata: { annotations: { patched: 'true' } } });
    await api.change(one, (object) => {
      object.metadata.annotations.updated = 'true';
    });
    await log.next('the update', ({ object }) => object.metadata.annotations?.updated === 'true');
    log.close();
    const patched = await api.patch(`${one}/status`, {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { lastScheduleTime: '2020-01-01T00:00:00Z' },
    });
    assert.equal(patched.status.lastScheduleTime, '2020-01-01T00:00:00Z');
    assert.equal(patched.metadata.annotations.patchedstatus, 'true');
    const updated = await api.change(`${one}/status`, (object) => {
      object.status.lastScheduleTime = '2020-01-02T00:00:00Z';
    });
    assert.equal(updated.status.lastScheduleTime, '2020-01-02T00:00:00Z');
    assert.equal((await api.get(`${one}/status`)).metadata.name, names[0]);
    await drop(one);
    assert.equal((await api.get(cronJobs)).items.length, 2);
    await api.delete(`${cronJobs}?${query(mark)}`);
    assert.equal((await api.get(cronJobs)).items.length, 0);
  });
}
