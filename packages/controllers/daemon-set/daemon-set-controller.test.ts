import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { isPodReady } from '../shared/pod-state.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '../shared/resources.ts';
import { targetNode } from './daemon-pod.ts';
import { DaemonSetController } from './daemon-set-controller.ts';

const agent = (strategy: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: strategy },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
  },
});

/** Binds as the scheduler does, then runs what is good. */
async function step(harness: Harness, isGood?: (pod: KubeObject) => boolean): Promise<void> {
  for (const pod of await harness.pods()) {
    if (pod['spec'].nodeName) continue;
    const client = harness.client.resource(pods, 'default');
    const target = { kind: 'Node', name: targetNode(pod) };
    await client.createSubresource(pod.metadata.name as string, 'binding', { target });
  }
  await harness.kubelet(isGood);
}

const images = async (harness: Harness): Promise<string[]> =>
  (await harness.pods()).map((pod) => pod['spec'].containers[0].image);

async function started(strategy: object): Promise<Harness> {
  const harness = new Harness();
  for (const name of ['a', 'b', 'c']) await harness.addNode(name);
  await harness.run(new DaemonSetController(harness.context));
  await harness.client.resource(daemonSets, 'default').create(agent(strategy));
  await harness.until('a pod runs on every node', async () => {
    await step(harness);
    const held = await harness.client.resource(daemonSets, 'default').get('agent');
    return held['status']?.numberAvailable === 3;
  });
  return harness;
}

async function setImage(harness: Harness, image: string): Promise<void> {
  await harness.client.resource(daemonSets, 'default').patch('agent', 'application/merge-patch+json', {
    spec: { template: { spec: { containers: [{ name: 'c', image }] } } },
  });
}

test('DaemonSetController runs one pod on every node, new ones too, and takes it off tainted ones', async () => {
  const harness = await started({ maxUnavailable: 1 });
  assert.deepEqual((await harness.pods()).map(targetNode).sort(), ['a', 'b', 'c']);
  await harness.addNode('d');
  await harness.until('the new node has one', async () => {
    await step(harness);
    return (await harness.pods()).map(targetNode).sort().join() === 'a,b,c,d';
  });
  const taints = [{ key: 'k', value: 'v', effect: 'NoExecute' }];
  const node = await harness.client.resource(nodes).get('b');
  await harness.client.resource(nodes).update({ ...node, spec: { taints } });
  await harness.until('the tainted node has none', async () => {
    await step(harness);
    return (await harness.pods()).map(targetNode).sort().join() === 'a,c,d';
  });
  await harness.until('the status says so', async () => {
    const { status } = await harness.client.resource(daemonSets, 'default').get('agent');
    return status.desiredNumberScheduled === 3 && status.numberMisscheduled === 0;
  });
  await harness.stop();
});

test('DaemonSetController replaces at most maxUnavailable pods at a time and keeps a revision', async () => {
  const harness = await started({ maxUnavailable: 1 });
  await setImage(harness, 'i:2');
  await harness.until('all are new', async () => {
    await step(harness);
    const all = await harness.pods();
    assert.ok(all.filter(isPodReady).length >= 2, 'two of three stay up');
    return (await images(harness)).every((image) => image === 'i:2') && all.length === 3;
  });
  const revisions = await harness.client.resource(controllerRevisions, 'default').list();
  assert.deepEqual(revisions.items.map((revision) => revision['revision']).sort(), [1, 2]);
  await harness.stop();
});

test('DaemonSetController stops a rollout whose first pods do not come up', async () => {
  const harness = await started({ maxUnavailable: 1 });
  await setImage(harness, 'bad');
  for (let i = 0; i < 100; i++) {
    await step(harness, (pod) => pod['spec'].containers[0].image !== 'bad');
    await harness.clock.advance(50);
  }
  assert.deepEqual((await images(harness)).sort(), ['bad', 'i:1', 'i:1']);
  await harness.stop();
});

test('DaemonSetController surges: the old pod goes when the new one is available', async () => {
  const harness = await started({ maxSurge: 1, maxUnavailable: 0 });
  await setImage(harness, 'i:2');
  await harness.until('all are new', async () => {
    await step(harness);
    const all = await harness.pods();
    assert.ok(all.filter(isPodReady).length >= 3, 'never fewer than three');
    assert.ok(all.filter((pod) => !isPodReady(pod)).length <= 1, 'never more than one is on its way');
    return all.length === 3 && (await images(harness)).every((image) => image === 'i:2');
  });
  await harness.stop();
});

test('DaemonSetController deletes failed pods, ever more slowly', async () => {
  const harness = await started({ maxUnavailable: 1 });
  const [pod] = await harness.pods();
  await harness.client
    .resource(pods, 'default')
    .updateStatus({ ...(pod as KubeObject), status: { phase: 'Failed' } });
  await harness.until(
    'it is deleted',
    async () => (await harness.pods()).some((p) => p.metadata.uid === pod?.metadata.uid) === false,
  );
  await harness.until('another one runs', async () => {
    await step(harness);
    return (await harness.pods()).filter(isPodReady).length === 3;
  });
  await harness.until('it is told', async () =>
    (await harness.events()).some((event) => event.startsWith('FailedDaemonPod: Found failed daemon pod')),
  );
  await harness.stop();
});
