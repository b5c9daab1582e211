import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { replicaSetController } from '../replica-set/replica-set-controller.ts';
import { Harness } from '../shared/harness-suite.ts';
import { podDisruptionBudgets, pods, replicaSets } from '../shared/resources.ts';
import { DisruptionController } from './disruption-controller.ts';

async function started(spec: object, owned = true): Promise<Harness> {
  const harness = new Harness();
  await harness.run(replicaSetController(harness.context), new DisruptionController(harness.context));
  const labels = { app: 'web' };
  if (owned) {
    await harness.client.resource(replicaSets, 'default').create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 4,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    await harness.until('four run', async () => {
      await harness.kubelet();
      return (await harness.pods()).filter((pod) => pod['status']?.phase === 'Running').length === 4;
    });
  }
  await harness.client.resource(podDisruptionBudgets, 'default').create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: labels }, ...spec },
  });
  return harness;
}

const status = async (harness: Harness): Promise<Record<string, any>> =>
  (await harness.client.resource(podDisruptionBudgets, 'default').get('web'))['status'] ?? {};

const allowed = (harness: Harness, wanted: number): Promise<void> =>
  harness.until(`${wanted} may go`, async () => (await status(harness))['disruptionsAllowed'] === wanted);

test('DisruptionController works out budgets by number and by share', async () => {
  const cases: [spec: object, allowed: number, desired: number][] = [
    [{ minAvailable: 3 }, 1, 3],
    [{ minAvailable: '30%' }, 2, 2],
    [{ maxUnavailable: 1 }, 1, 3],
    [{ maxUnavailable: '50%' }, 2, 2],
  ];
  for (const [spec, may, desired] of cases) {
    const harness = await started(spec);
    await allowed(harness, may);
    const { desiredHealthy, expectedPods, currentHealthy, conditions } = await status(harness);
    assert.deepEqual([desiredHealthy, expectedPods, currentHealthy], [desired, 4, 4], JSON.stringify(spec));
    assert.equal(conditions[0].reason, 'SufficientPods');
    await harness.stop();
  }
});

test('DisruptionController allows nothing when too few pods are ready', async () => {
  const harness = await started({ minAvailable: 4 });
  await allowed(harness, 0);
  const [pod] = await harness.pods();
  const conditions = [{ type: 'Ready', status: 'False' }];
  await harness.client
    .resource(pods, 'default')
    .updateStatus({ ...(pod as KubeObject), status: { phase: 'Running', conditions } });
  await harness.until('it counts three', async () => (await status(harness))['currentHealthy'] === 3);
  assert.equal((await status(harness))['conditions'][0].reason, 'InsufficientPods');
  await harness.stop();
});

test('DisruptionController counts a granted eviction as gone, and the pod again when it did not go', async () => {
  const harness = await started({ minAvailable: 3 });
  await allowed(harness, 1);
  const [pod] = await harness.pods();
  const held = await harness.client.resource(podDisruptionBudgets, 'default').get('web');
  const disruptedPods = { [pod?.metadata.name as string]: new Date(harness.clock.now()).toISOString() };
  await harness.client
    .resource(podDisruptionBudgets, 'default')
    .updateStatus({ ...held, status: { ...held['status'], disruptionsAllowed: 0, disruptedPods } });
  await harness.until('it counts three', async () => (await status(harness))['currentHealthy'] === 3);
  await harness.clock.advance(2 * 60_000);
  await allowed(harness, 1);
  assert.equal((await status(harness))['disruptedPods'], undefined);
  await harness.stop();
});

test('DisruptionController tells when no pods match', async () => {
  const harness = await started({ minAvailable: 1 }, false);
  await harness.until('it says so', async () =>
    (await harness.events()).includes('NoPods: No matching pods found'),
  );
  await harness.stop();
});
