import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { container, idle } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';
import { condition, query } from './workloads.ts';

const shell = (script: string): object => ({ command: ['sh', '-c', script] });
const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

export function job(name: string, spec: object, containerParts: object, restartPolicy = 'Never'): any {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      parallelism: 2,
      completions: 4,
      backoffLimit: 6,
      ...spec,
      template: {
        spec: { restartPolicy, terminationGracePeriodSeconds: 1, containers: [container(containerParts)] },
      },
    },
  };
}

export function jobs({ api, cluster, namespace }: Suite): void {
  const setUp = async (): Promise<{ ns: string; jobs: string; pods: string }> => {
    const ns = await namespace('job');
    return { ns, jobs: `/apis/batch/v1/namespaces/${ns}/jobs`, pods: `/api/v1/namespaces/${ns}/pods` };
  };
  const complete = (path: string): Promise<any> =>
    api.until('the job completes', path, (object) => condition(object, 'Complete')?.status === 'True');
  const failed = (path: string): Promise<any> =>
    api.until('the job fails', path, (object) => condition(object, 'Failed')?.status === 'True');
  const podsOf = async (pods: string, name: string): Promise<any[]> =>
    (await api.get(`${pods}?${query({ 'batch.kubernetes.io/job-name': name })}`)).items;
  const indexOf = ({ metadata }: any): string => metadata.annotations[indexAnnotation];

  test('Job should run a job to completion when tasks sometimes fail and are locally restarted', async () => {
    const { jobs, pods } = await setUp();
    // Each pod fails once, then finds what it left behind.
    const made = job(
      'fail-once-local',
      {},
      {
        ...shell('test -e /data/foo && exit 0; touch /data/foo; exit 1'),
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
      'OnFailure',
    );
    made.spec.template.spec.volumes = [{ name: 'data', emptyDir: {} }];
    await api.create(jobs, made);
    const { status } = await complete(`${jobs}/fail-once-local`);
    assert.equal(status.succeeded, 4);
    const items = await podsOf(pods, 'fail-once-local');
    assert.equal(items.filter((p) => p.status.phase === 'Succeeded').length, 4);
    assert.ok(items.every((p) => p.status.containerStatuses[0].restartCount === 1));
  });

  test('Job should create pods for an Indexed job with completion indexes and specified hostname', async () => {
    const { jobs, pods, ns } = await setUp();
    const script = 'echo "$JOB_COMPLETION_INDEX $(cat /proc/sys/kernel/hostname)"';
    await api.create(jobs, job('indexed-job', { completionMode: 'Indexed' }, shell(script)));
    const { status } = await complete(`${jobs}/indexed-job`);
    assert.equal(status.completedIndexes, '0-3');
    const items = (await podsOf(pods, 'indexed-job')).filter((p) => p.status.phase === 'Succeeded');
    assert.deepEqual(items.map(indexOf).sort(), ['0', '1', '2', '3']);
    for (const item of items) {
      assert.equal(item.spec.hostname, `indexed-job-${indexOf(item)}`);
      const log = await cluster.kubectl('logs', '-n', ns, item.metadata.name);
      assert.equal(log, `${indexOf(item)} indexed-job-${indexOf(item)}\n`);
    }
  });

  test('Job should delete a job', async () => {
    const { jobs, pods } = await setUp();
    await api.create(jobs, job('foo', {}, idle));
    await api.until('two are active', `${jobs}/foo`, ({ status }) => status.active === 2);
    await api.delete(`${jobs}/foo`, { propagationPolicy: 'Foreground' });
    await api.gone(`${jobs}/foo`);
    assert.equal((await podsOf(pods, 'foo')).length, 0);
  });

  test('Job should adopt matching orphans and release non-matching pods', async () => {
    const { jobs, pods } = await setUp();
    await api.create(jobs, job('adopt-release', {}, idle));
    await api.until('two are active', `${jobs}/adopt-release`, ({ status }) => status.active === 2);
    const [{ metadata }] = (await podsOf(pods, 'adopt-release')) as [any];
    const path = `${pods}/${metadata.name}`;
    await api.patch(path, { metadata: { ownerReferences: null } });
    await api.until('it is adopted', path, (p) =>
      p.metadata.ownerReferences?.some((o: any) => o.controller && o.name === 'adopt-release'),
    );
    await api.change(path, (object) => {
      object.metadata.labels = {};
    });
    await api.until(
      'it is released',
      path,
      (p) => !p.metadata.ownerReferences?.some((o: any) => o.controller),
    );
    await api.delete(`${jobs}/adopt-release`, { propagationPolicy: 'Background' });
  });

  test('Job should apply changes to a job status', async () => {
    const { jobs } = await setUp();
    const one = `${jobs}/e2e-status`;
    await api.create(jobs, job('e2e-status', {}, idle));
    await api.until('two are active', one, ({ status }) => status.active === 2);
    assert.equal((await api.get(`${one}/status`)).metadata.name, 'e2e-status');
    const custom = (type: string): object => ({
      type,
      status: 'True',
      lastTransitionTime: '2020-01-01T00:00:00Z',
    });
    const patched = await api.patch(`${one}/status`, {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { conditions: [custom('CustomConditionType')] },
    });
    assert.equal(condition(patched, 'CustomConditionType').status, 'True');
    assert.equal(patched.metadata.annotations.patchedstatus, 'true');
    const updated = await api.change(`${one}/status`, (object) => {
      object.status.conditions.push(custom('StatusUpdate'));
    });
    assert.equal(condition(updated, 'StatusUpdate').status, 'True');
    await api.delete(one, { propagationPolicy: 'Background' });
  });

  test('Job should manage the lifecycle of a job', async () => {
    const { jobs, pods } = await setUp();
    const mark = { 'e2e-job': 'lifecycle' };
    const made = job('e2e-life', { parallelism: 1, completions: 1, suspend: true }, shell('exit 0'));
    made.metadata.labels = mark;
    await api.create(jobs, made);
    await api.until(
      'it is suspended',
      `${jobs}/e2e-life`,
      (object) => condition(object, 'Suspended')?.status === 'True',
    );
    assert.equal((await podsOf(pods, 'e2e-life')).length, 0);
    const patched = await api.patch(`${jobs}/e2e-life`, { metadata: { labels: { patched: 'true' } } });
    assert.equal(patched.metadata.labels.patched, 'true');
    await api.change(`${jobs}/e2e-life`, (object) => {
      object.spec.suspend = false;
      object.metadata.annotations = { ...object.metadata.annotations, updated: 'true' };
    });
    await complete(`${jobs}/e2e-life`);
    assert.equal((await api.get(`/apis/batch/v1/jobs?${query(mark)}`)).items.length, 1);
    await api.delete(`${jobs}?${query(mark)}`, { propagationPolicy: 'Foreground' });
    await api.until('none', jobs, ({ items }) => items.length === 0);
  });

  test('Job should execute all indexes despite some failing when using backoffLimitPerIndex', async () => {
    const { jobs } = await setUp();
    const spec = {
      completionMode: 'Indexed',
      completions: 4,
      parallelism: 2,
      backoffLimitPerIndex: 1,
      backoffLimit: undefined,
    };
    await api.create(jobs, job('with-backofflimit', spec, shell('exit $((JOB_COMPLETION_INDEX % 2))')));
    const { status } = await failed(`${jobs}/with-backofflimit`);
    assert.equal(condition({ status }, 'Failed').reason, 'FailedIndexes');
    assert.equal(status.failedIndexes, '1,3');
    assert.equal(status.completedIndexes, '0,2');
    assert.deepEqual([status.succeeded, status.failed], [2, 4]);
  });

  test('Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes', async () => {
    const { jobs, pods } = await setUp();
    const spec = {
      completionMode: 'Indexed',
      completions: 10,
      parallelism: 10,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 0,
      backoffLimit: undefined,
    };
    await api.create(
      jobs,
      job('with-max-failed', spec, shell('[ $JOB_COMPLETION_INDEX = 0 ] && exit 1; exec sleep 3600')),
    );
    const { status } = await failed(`${jobs}/with-max-failed`);
    assert.equal(condition({ status }, 'Failed').reason, 'MaxFailedIndexesExceeded');
    assert.equal(status.failedIndexes, '0');
    await eventually('none runs', async () =>
      (await podsOf(pods, 'with-max-failed')).every((p) => p.status.phase !== 'Running'),
    );
    assert.equal((await api.get(`${jobs}/with-max-failed`)).status.active ?? 0, 0);
  });

  test('Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy', async () => {
    const { jobs } = await setUp();
    const spec = {
      completionMode: 'Indexed',
      completions: 2,
      parallelism: 2,
      backoffLimitPerIndex: 1,
      backoffLimit: undefined,
      podFailurePolicy: {
        rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [3] } }],
      },
    };
    await api.create(jobs, job('fail-index', spec, shell('exit $((JOB_COMPLETION_INDEX * 3))')));
    const { status } = await failed(`${jobs}/fail-index`);
    assert.equal(condition({ status }, 'Failed').reason, 'FailedIndexes');
    assert.equal(status.failedIndexes, '1');
    assert.equal(status.completedIndexes, '0');
    assert.equal(status.failed, 1);
  });

  test('Job should allow to use the pod failure policy on exit code to fail the job early', async () => {
    const { jobs } = await setUp();
    const podFailurePolicy = {
      rules: [{ action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [1] } }],
    };
    await api.create(jobs, job('pod-failure-failjob', { podFailurePolicy }, shell('exit 1')));
    const { status } = await failed(`${jobs}/pod-failure-failjob`);
    assert.equal(condition({ status }, 'Failed').reason, 'PodFailurePolicy');
    assert.match(
      condition({ status }, 'Failed').message,
      /Container main for pod .* failed with exit code 1 matching FailJob rule at index 0/,
    );
  });

  test('Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition', async () => {
    const { jobs, pods } = await setUp();
    const podFailurePolicy = {
      rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
    };
    // The first pod runs until it is evicted; those after it find the budget of failures untouched.
    const script = 'trap "exit 1" TERM; while :; do sleep 1 & wait; done';
    const spec = { parallelism: 1, completions: 1, backoffLimit: 0, podFailurePolicy };
    await api.create(jobs, job('pod-failure-ignore', spec, shell(script)));
    const first = await eventually('the first pod runs', async () =>
      (await podsOf(pods, 'pod-failure-ignore')).find((p) => p.status.phase === 'Running'),
    );
    const { name } = first.metadata;
    const evicted = await api.call('POST', `${pods}/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name },
    });
    assert.equal(evicted.status, 201);
    await eventually('another pod runs', async () =>
      (await podsOf(pods, 'pod-failure-ignore')).some(
        (p) => p.metadata.uid !== first.metadata.uid && p.status.phase === 'Running',
      ),
    );
    const { status } = await api.get(`${jobs}/pod-failure-ignore`);
    assert.equal(condition({ status }, 'Failed'), undefined);
    assert.equal(status.failed ?? 0, 0);
    await api.delete(`${jobs}/pod-failure-ignore`, { propagationPolicy: 'Background' });
  });

  const successCases = [
    {
      title: 'Job with successPolicy should succeeded when all indexes succeeded',
      spec: {
        completions: 2,
        parallelism: 2,
        successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] },
      },
      script: 'exit 0',
      completed: undefined,
    },
    {
      title:
        'Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending',
      spec: { completions: 2, parallelism: 2, successPolicy: { rules: [{ succeededIndexes: '0' }] } },
      script: '[ $JOB_COMPLETION_INDEX = 0 ] && exit 0; exec sleep 3600',
      completed: '0',
    },
    {
      title:
        'Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending',
      spec: { completions: 2, parallelism: 2, successPolicy: { rules: [{ succeededCount: 1 }] } },
      script: '[ $JOB_COMPLETION_INDEX = 0 ] && exit 0; exec sleep 3600',
      completed: '0',
    },
  ];
  for (const { title, spec, script, completed } of successCases) {
    test(title, async () => {
      const { jobs } = await setUp();
      await api.create(
        jobs,
        job('with-success-policy', { ...spec, completionMode: 'Indexed' }, shell(script)),
      );
      const done = await complete(`${jobs}/with-success-policy`);
      assert.equal(condition(done, 'SuccessCriteriaMet').reason, 'SuccessPolicy');
      assert.equal(condition(done, 'Complete').reason, 'SuccessPolicy');
      if (completed !== undefined) assert.equal(done.status.completedIndexes, completed);
      assert.equal(done.status.active ?? 0, 0);
    });
  }
}
