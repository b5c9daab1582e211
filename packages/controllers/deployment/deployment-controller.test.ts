import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { replicaSetController } from '../replica-set/replica-set-controller.ts';
import { Harness } from '../shared/harness-suite.ts';
import { isPodReady } from '../shared/pod-state.ts';
import { deployments, replicaSets } from '../shared/resources.ts';
import { DeploymentController } from './deployment-controller.ts';

function aDeployment(image: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', generation: 1 },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 30,
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
      ...spec,
    },
  };
}

async function started(deployment: KubeObject): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new DeploymentController(harness.context), replicaSetController(harness.context));
  await harness.client.resource(deployments, 'default').create(deployment);
  return harness;
}

const get = (harness: Harness): Promise<KubeObject> =>
  harness.client.resource(deployments, 'default').get('web');

async function change(harness: Harness, spec: object): Promise<void> {
  const held = await get(harness);
  await harness.client.resource(deployments, 'default').update({
    ...held,
    metadata: { ...held.metadata, generation: (held.metadata.generation ?? 0) + 1 },
    spec: { ...held['spec'], ...spec },
  });
}

const template = (image: string): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});

async function complete(harness: Harness, image: string): Promise<void> {
  await harness.until(`four pods of ${image} are ready`, async () => {
    await harness.kubelet();
    const pods = await harness.pods();
    const { status } = await get(harness);
    return (
      pods.length === 4 &&
      pods.every((pod) => isPodReady(pod) && pod['spec'].containers[0].image === image) &&
      status?.availableReplicas === 4 &&
      status.updatedReplicas === 4
    );
  });
}

const condition = (deployment: KubeObject, type: string): Record<string, any> | undefined =>
  deployment['status']?.conditions?.find((c: Record<string, unknown>) => c['type'] === type);

test('DeploymentController rolls without ever having fewer ready pods than it may', async () => {
  const harness = await started(aDeployment('a'));
  await complete(harness, 'a');
  await change(harness, { template: template('b') });
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  await harness.until('the rollout is done', async () => {
    await harness.kubelet();
    const pods = await harness.pods();
    const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    least = Math.min(least, alive.filter(isPodReady).length);
    most = Math.max(most, alive.length);
    return (
      pods.length === 4 && pods.every((pod) => pod['spec'].containers[0].image === 'b' && isPodReady(pod))
    );
  });
  await complete(harness, 'b');
  assert.ok(least >= 3, `only ${least} pods were ready`);
  assert.ok(most <= 5, `${most} pods were alive`);
  const deployment = await get(harness);
  assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '2');
  await harness.until('the conditions say so', async () => {
    const progressing = condition(await get(harness), 'Progressing');
    return progressing?.['reason'] === 'NewReplicaSetAvailable' && progressing['status'] === 'True';
  });
  await harness.stop();
});

test('DeploymentController takes the old ReplicaSet up again, with a new revision, when the template goes back', async () => {
  const harness = await started(aDeployment('a'));
  await complete(harness, 'a');
  await change(harness, { template: template('b') });
  await complete(harness, 'b');
  await change(harness, { template: template('a') });
  await complete(harness, 'a');
  const sets = (await harness.client.resource(replicaSets, 'default').list()).items;
  assert.equal(sets.length, 2);
  const current = sets.find((set) => set['spec'].replicas === 4);
  assert.equal(current?.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
  assert.equal(current?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
  await harness.stop();
});

test('DeploymentController keeps no more old ReplicaSets than the history limit', async () => {
  const harness = await started(aDeployment('a'));
  for (const image of ['a', 'b', 'c']) {
    await change(harness, { template: template(image) });
    await complete(harness, image);
  }
  await harness.until('one old set is left', async () => {
    await harness.kubelet();
    return (await harness.client.resource(replicaSets, 'default').list()).items.length === 2;
  });
  await harness.stop();
});

test('DeploymentController says that the deadline was exceeded when the new pods never become ready', async () => {
  const harness = await started(aDeployment('a'));
  await complete(harness, 'a');
  await change(harness, { template: template('broken') });
  await harness.until('the deadline is exceeded', async () => {
    await harness.kubelet((pod) => pod['spec'].containers[0].image !== 'broken');
    return condition(await get(harness), 'Progressing')?.['reason'] === 'ProgressDeadlineExceeded';
  });
  const ready = (await harness.pods()).filter(isPodReady);
  assert.ok(ready.length >= 3, 'the old pods stay');
  await harness.stop();
});

test('DeploymentController starts no new pod before the last old one is gone when it recreates', async () => {
  const harness = await started(aDeployment('a', { strategy: { type: 'Recreate' } }));
  await complete(harness, 'a');
  await change(harness, { template: template('b') });
  await harness.until('only new pods are there', async () => {
    const images = new Set((await harness.pods()).map((pod) => pod['spec'].containers[0].image));
    assert.ok(images.size <= 1, 'old and new pods at once');
    await harness.kubelet();
    return images.has('b');
  });
  await complete(harness, 'b');
  await harness.stop();
});

test('DeploymentController spreads a change of scale in the middle of a rollout', async () => {
  const harness = await started(aDeployment('a'));
  await complete(harness, 'a');
  await change(harness, { template: template('broken') });
  const isOld = (pod: KubeObject): boolean => pod['spec'].containers[0].image === 'a';
  await harness.until('the rollout is stuck', async () => {
    await harness.kubelet(isOld);
    return (await harness.pods()).filter((pod) => !isOld(pod)).length === 2;
  });
  await change(harness, { replicas: 8 });
  await harness.until('both sets have grown', async () => {
    await harness.kubelet(isOld);
    const pods = await harness.pods();
    return (
      pods.length === 10 && pods.filter(isOld).length > 3 && pods.filter((pod) => !isOld(pod)).length > 2
    );
  });
  await harness.stop();
});
