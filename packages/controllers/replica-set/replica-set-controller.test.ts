import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { isPodReady } from '../shared/pod-state.ts';
import { pods, replicationControllers } from '../shared/resources.ts';
import { replicationControllerController } from './replica-set-controller.ts';

const rc: KubeObject = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    selector: { app: 'web' },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};

async function started(): Promise<Harness> {
  const harness = new Harness();
  await harness.run(replicationControllerController(harness.context));
  await harness.client.resource(replicationControllers, 'default').create(rc);
  await harness.until('three pods run', async () => {
    await harness.kubelet();
    return (await harness.pods()).filter(isPodReady).length === 3;
  });
  return harness;
}

const status = async (harness: Harness): Promise<Record<string, any>> =>
  (await harness.client.resource(replicationControllers, 'default').get('web'))['status'];

test('ReplicaController replaces a deleted pod and counts in the status', async () => {
  const harness = await started();
  const [first] = await harness.pods();
  await harness.client
    .resource(pods, 'default')
    .delete(first?.metadata.name as string, { gracePeriodSeconds: 0 });
  await harness.until('three others run', async () => {
    await harness.kubelet();
    const now = await harness.pods();
    return (
      now.filter(isPodReady).length === 3 && now.every((pod) => pod.metadata.uid !== first?.metadata.uid)
    );
  });
  await harness.until(
    'the status counts them',
    async () => (await status(harness))?.['availableReplicas'] === 3,
  );
  await harness.until('the event is there', async () =>
    (await harness.events()).some((event) => event.startsWith('SuccessfulCreate: Created pod: web-')),
  );
  await harness.stop();
});

test('ReplicaController deletes the pod that is not ready first when it scales down', async () => {
  const harness = await started();
  const [lame] = await harness.pods();
  await harness.client.resource(pods, 'default').updateStatus({
    ...(lame as KubeObject),
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
  });
  const held = await harness.client.resource(replicationControllers, 'default').get('web');
  await harness.client
    .resource(replicationControllers, 'default')
    .update({ ...held, spec: { ...held['spec'], replicas: 2 } });
  await harness.until(
    'two are left',
    async () => (await harness.pods()).filter((p) => !p.metadata.deletionTimestamp).length === 2,
  );
  const left = (await harness.pods()).filter((pod) => !pod.metadata.deletionTimestamp);
  assert.ok(left.every((pod) => pod.metadata.uid !== lame?.metadata.uid));
  await harness.stop();
});

test('ReplicaController adopts a pod that it selects and lets go of one that it no longer does', async () => {
  const harness = await started();
  const orphan = await harness.client.resource(pods, 'default').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
    status: { phase: 'Running' },
  });
  await harness.until('one of the four goes', async () => {
    const alive = (await harness.pods()).filter((pod) => !pod.metadata.deletionTimestamp);
    return alive.length === 3;
  });
  const held = (await harness.pods()).find(
    (pod) => pod.metadata.uid !== orphan.metadata.uid && isPodReady(pod),
  );
  const freed = { ...(held as KubeObject), metadata: { ...held?.metadata, labels: { app: 'other' } } };
  await harness.client.resource(pods, 'default').update(freed as KubeObject);
  await harness.until('it is free and replaced', async () => {
    await harness.kubelet();
    const all = await harness.pods();
    const free = all.find((pod) => pod.metadata.uid === held?.metadata.uid);
    return all.length === 4 && (free?.metadata.ownerReferences ?? []).length === 0;
  });
  await harness.stop();
});
