import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { jobs, pods } from '../shared/resources.ts';
import { JobController } from './job-controller.ts';
import { isTracked } from './job-pod.ts';

const job = (spec: object): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'work', namespace: 'default' },
  spec: {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    podReplacementPolicy: 'TerminatingOrFailed',
    selector: { matchLabels: { job: 'work' } },
    template: {
      metadata: { labels: { job: 'work' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
    },
    ...spec,
  },
});

async function started(spec: object): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new JobController(harness.context));
  await harness.client.resource(jobs, 'default').create(job(spec));
  return harness;
}

const statusOf = async (harness: Harness): Promise<Record<string, any>> =>
  (await harness.client.resource(jobs, 'default').get('work'))['status'] ?? {};

const conditions = async (harness: Harness): Promise<string[]> =>
  ((await statusOf(harness))['conditions'] ?? []).map((c: any) => `${c.type} ${c.status} ${c.reason}`);

const phase = (pod: KubeObject): string => pod['status']?.phase ?? 'Pending';
const unfinished = async (harness: Harness): Promise<KubeObject[]> =>
  (await harness.pods()).filter((pod) => phase(pod) === 'Pending' && !pod.metadata.deletionTimestamp);

async function finish(
  harness: Harness,
  pod: KubeObject,
  to: 'Succeeded' | 'Failed',
  exitCode = 1,
): Promise<void> {
  const finishedAt = new Date(harness.clock.now()).toISOString();
  const state = { terminated: { exitCode: to === 'Failed' ? exitCode : 0, finishedAt } };
  await harness.client.resource(pods, 'default').updateStatus({
    ...pod,
    status: { phase: to, containerStatuses: [{ name: 'c', state }] },
  });
}

/** Ends pods as they come until the job is over. */
async function runThrough(harness: Harness, to: (pod: KubeObject) => 'Succeeded' | 'Failed'): Promise<void> {
  await harness.until('the job ends', async () => {
    for (const pod of await unfinished(harness)) await finish(harness, pod, to(pod));
    return (await conditions(harness)).some((c) => /^(Complete|Failed) True/.test(c));
  });
}

test('JobController completes a job with the status that upstream writes', async () => {
  const harness = await started({ completions: 3, parallelism: 2 });
  await harness.until('two run', async () => (await statusOf(harness))['active'] === 2);
  await runThrough(harness, () => 'Succeeded');
  const { startTime, completionTime, conditions: _, ...status } = await statusOf(harness);
  assert.ok(startTime && completionTime);
  assert.deepEqual(status, { ready: 0, succeeded: 3, terminating: 0, uncountedTerminatedPods: {} });
  assert.deepEqual(await conditions(harness), [
    'SuccessCriteriaMet True CompletionsReached',
    'Complete True CompletionsReached',
  ]);
  assert.ok(
    (await harness.pods()).every((pod) => !isTracked(pod)),
    'no pod is held',
  );
  await harness.until('the event is there', async () =>
    (await harness.events()).includes('Completed: Job completed'),
  );
  await harness.stop();
});

test('JobController waits ever longer between failed pods and gives up beyond the limit', async () => {
  const harness = await started({ backoffLimit: 2 });
  const times: number[] = [];
  await runThrough(harness, () => {
    times.push(harness.clock.now());
    return 'Failed';
  });
  assert.equal(times.length, 3);
  const gaps = times.slice(1).map((time, i) => Math.round((time - (times[i] as number)) / 10_000));
  assert.deepEqual(gaps, [1, 2]);
  assert.deepEqual(await conditions(harness), [
    'FailureTarget True BackoffLimitExceeded',
    'Failed True BackoffLimitExceeded',
  ]);
  assert.equal((await statusOf(harness))['failed'], 3);
  await harness.stop();
});

test('JobController gives every index a pod with its name and replaces the failed one', async () => {
  const harness = await started({ completions: 3, parallelism: 3, completionMode: 'Indexed' });
  await harness.until('three run', async () => (await harness.pods()).length === 3);
  const [first] = await harness.pods();
  assert.equal(first?.['spec'].hostname, 'work-0');
  assert.equal(first?.metadata.labels?.['batch.kubernetes.io/job-completion-index'], '0');
  assert.match(first?.metadata.name ?? '', /^work-0-/);
  assert.equal(first?.['spec'].containers[0].env[0].name, 'JOB_COMPLETION_INDEX');
  await finish(harness, first as KubeObject, 'Failed');
  await runThrough(harness, () => 'Succeeded');
  const status = await statusOf(harness);
  assert.equal(status['completedIndexes'], '0-2');
  assert.equal(status['failed'], 1);
  assert.equal((await harness.pods()).length, 4);
  await harness.stop();
});

test('JobController fails indexes by themselves when the limit is by index', async () => {
  const harness = await started({
    completions: 2,
    parallelism: 2,
    completionMode: 'Indexed',
    backoffLimit: 2147483647,
    backoffLimitPerIndex: 1,
  });
  await runThrough(harness, (pod) => (pod['spec'].hostname === 'work-1' ? 'Failed' : 'Succeeded'));
  const status = await statusOf(harness);
  assert.equal(status['completedIndexes'], '0');
  assert.equal(status['failedIndexes'], '1');
  assert.equal(status['failed'], 2);
  assert.deepEqual(await conditions(harness), [
    'FailureTarget True FailedIndexes',
    'Failed True FailedIndexes',
  ]);
  await harness.stop();
});

test('JobController fails the job at once when the failure policy says so, and ignores what it says to ignore', async () => {
  const onExitCodes = (values: number[]): object => ({ containerName: 'c', operator: 'In', values });
  const harness = await started({
    backoffLimit: 0,
    podReplacementPolicy: 'Failed',
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onExitCodes: onExitCodes([7]) },
        { action: 'FailJob', onExitCodes: onExitCodes([42]) },
      ],
    },
  });
  await harness.until('a pod runs', async () => (await unfinished(harness)).length === 1);
  await finish(harness, (await unfinished(harness))[0] as KubeObject, 'Failed', 7);
  await harness.until('another one runs', async () => (await unfinished(harness)).length === 1);
  const [pod] = await unfinished(harness);
  await finish(harness, pod as KubeObject, 'Failed', 42);
  await harness.until('the job fails', async () =>
    (await conditions(harness)).includes('Failed True PodFailurePolicy'),
  );
  const held = (await statusOf(harness))['conditions'][0];
  assert.equal(
    held.message,
    `Container c for pod default/${pod?.metadata.name} failed with exit code 42 matching FailJob rule at index 1`,
  );
  await harness.stop();
});

test('JobController deletes the pods of a suspended job and starts it anew when it goes on', async () => {
  const harness = await started({ completions: 2, parallelism: 2 });
  await harness.until('two run', async () => (await statusOf(harness))['active'] === 2);
  const client = harness.client.resource(jobs, 'default');
  await client.patch('work', 'application/merge-patch+json', { spec: { suspend: true } });
  await harness.until('none is left', async () => (await harness.pods()).length === 0);
  await harness.until('it says so', async () =>
    (await conditions(harness)).includes('Suspended True JobSuspended'),
  );
  await client.patch('work', 'application/merge-patch+json', { spec: { suspend: false } });
  await runThrough(harness, () => 'Succeeded');
  assert.equal((await statusOf(harness))['failed'], undefined);
  assert.ok((await conditions(harness)).includes('Suspended False JobResumed'));
  await harness.stop();
});

test('JobController ends a job at its deadline', async () => {
  const harness = await started({ activeDeadlineSeconds: 20 });
  await harness.until('it fails', async () =>
    (await conditions(harness)).includes('Failed True DeadlineExceeded'),
  );
  assert.equal((await unfinished(harness)).length, 0);
  await harness.stop();
});

test('JobController succeeds early when the success policy is met', async () => {
  const harness = await started({
    completions: 3,
    parallelism: 3,
    completionMode: 'Indexed',
    successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }] },
  });
  await harness.until('three run', async () => (await harness.pods()).length === 3);
  await finish(harness, (await harness.pods())[0] as KubeObject, 'Succeeded');
  await harness.until('it is over', async () =>
    (await conditions(harness)).includes('Complete True SuccessPolicy'),
  );
  assert.equal((await statusOf(harness))['failed'], undefined);
  await harness.stop();
});

test('JobController lets go of the pods of a job that is gone', async () => {
  const harness = await started({});
  await harness.until('a pod is there', async () => (await harness.pods()).some(isTracked));
  await harness.client.resource(jobs, 'default').delete('work');
  await harness.until('it is free', async () => !(await harness.pods()).some(isTracked));
  await harness.stop();
});
