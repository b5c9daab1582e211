import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { isPodReady } from '../shared/pod-state.ts';
import { persistentVolumeClaims, pods, statefulSets } from '../shared/resources.ts';
import { StatefulSetController } from './stateful-set-controller.ts';

const db = (spec: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas: 3,
    serviceName: 'db',
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
    ...spec,
  },
});

const names = async (harness: Harness): Promise<string[]> =>
  (await harness.pods()).map((pod) => pod.metadata.name as string);

const images = async (harness: Harness): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await harness.pods()).map((pod) => [pod.metadata.name, pod['spec'].containers[0].image]),
  );

async function started(spec: object = {}): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new StatefulSetController(harness.context));
  await harness.client.resource(statefulSets, 'default').create(db(spec));
  return harness;
}

async function allReady(harness: Harness, count = 3): Promise<void> {
  await harness.until(`${count} are ready`, async () => {
    await harness.kubelet();
    const all = await harness.pods();
    return all.length === count && all.every(isPodReady);
  });
}

const change = (harness: Harness, spec: object): Promise<KubeObject> =>
  harness.client.resource(statefulSets, 'default').patch('db', 'application/merge-patch+json', { spec });

const setImage = (harness: Harness, image: string): Promise<KubeObject> =>
  change(harness, { template: { spec: { containers: [{ name: 'c', image }] } } });

const statusOf = async (harness: Harness): Promise<Record<string, any>> =>
  (await harness.client.resource(statefulSets, 'default').get('db'))['status'] ?? {};

test('StatefulSetController starts each pod when the one before it is ready', async () => {
  const harness = await started();
  const seen: string[][] = [];
  await harness.until('three are ready', async () => {
    const now = await names(harness);
    if (now.length > (seen.at(-1)?.length ?? 0)) seen.push(now);
    if (now.length > 0) {
      await harness.clock.advance(500);
      assert.deepEqual(await names(harness), now, 'no further pod before this one is ready');
    }
    await harness.kubelet();
    return now.length === 3;
  });
  assert.deepEqual(seen, [['db-0'], ['db-0', 'db-1'], ['db-0', 'db-1', 'db-2']]);
  const [first] = await harness.pods();
  assert.equal(first?.['spec'].hostname, 'db-0');
  assert.equal(first?.['spec'].subdomain, 'db');
  assert.equal(first?.metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-0');
  assert.equal(first?.metadata.labels?.['apps.kubernetes.io/pod-index'], '0');
  await harness.until(
    'the status is whole',
    async () => (await statusOf(harness))['availableReplicas'] === 3,
  );
  const { currentRevision, updateRevision, ...status } = await statusOf(harness);
  assert.equal(currentRevision, updateRevision);
  assert.deepEqual(status, {
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    collisionCount: 0,
  });
  await harness.until('the event is there', async () =>
    (await harness.events()).includes('SuccessfulCreate: create Pod db-0 in StatefulSet db successful'),
  );
  await harness.stop();
});

test('StatefulSetController starts all pods at once where the set is parallel', async () => {
  const harness = await started({ podManagementPolicy: 'Parallel' });
  await harness.until('three are there', async () => (await names(harness)).length === 3);
  await harness.stop();
});

test('StatefulSetController takes the highest pod down first', async () => {
  const harness = await started();
  await allReady(harness);
  await change(harness, { replicas: 1 });
  const seen: string[] = [];
  await harness.until('one is left', async () => {
    const now = (await names(harness)).join();
    if (seen.at(-1) !== now) seen.push(now);
    return (await names(harness)).length === 1;
  });
  assert.equal(seen[0], 'db-0,db-1,db-2');
  assert.equal(seen.at(-1), 'db-0');
  await harness.stop();
});

test('StatefulSetController updates from the top down to the partition, one pod at a time', async () => {
  const harness = await started();
  await allReady(harness);
  await change(harness, { updateStrategy: { rollingUpdate: { partition: 1 } } });
  await setImage(harness, 'i:2');
  const seen: string[] = [];
  await harness.until('two are new', async () => {
    await harness.kubelet();
    const now = Object.values(await images(harness)).join();
    if (seen.at(-1) !== now) seen.push(now);
    return now === 'i:1,i:2,i:2' && (await harness.pods()).every(isPodReady);
  });
  assert.deepEqual(
    seen.filter((text) => text.split(',').length === 3),
    ['i:1,i:1,i:1', 'i:1,i:1,i:2', 'i:1,i:2,i:2'],
  );
  const status = await statusOf(harness);
  assert.notEqual(status['currentRevision'], status['updateRevision']);
  await change(harness, { updateStrategy: { rollingUpdate: { partition: 0 } } });
  await harness.until('the rollout is complete', async () => {
    await harness.kubelet();
    const { currentRevision, updateRevision } = await statusOf(harness);
    return currentRevision === updateRevision;
  });
  await harness.stop();
});

test('StatefulSetController does not touch old pods where they are updated on deletion', async () => {
  const harness = await started({ updateStrategy: { type: 'OnDelete' } });
  await allReady(harness);
  await setImage(harness, 'i:2');
  await harness.clock.advance(5_000);
  assert.deepEqual(Object.values(await images(harness)), ['i:1', 'i:1', 'i:1']);
  await harness.client.resource(pods, 'default').delete('db-1', { gracePeriodSeconds: 0 });
  await allReady(harness);
  assert.deepEqual(Object.values(await images(harness)), ['i:1', 'i:2', 'i:1']);
  await harness.stop();
});

test('StatefulSetController makes a claim for every pod and keeps it when the pod goes', async () => {
  const harness = await started({
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
  });
  await allReady(harness);
  const claims = async (): Promise<string[]> =>
    (await harness.client.resource(persistentVolumeClaims, 'default').list()).items.map(
      (claim) => claim.metadata.name as string,
    );
  assert.deepEqual(await claims(), ['data-db-0', 'data-db-1', 'data-db-2']);
  const [pod] = await harness.pods();
  assert.equal(pod?.['spec'].volumes[0].persistentVolumeClaim.claimName, 'data-db-0');
  await change(harness, { replicas: 1 });
  await harness.until('one is left', async () => (await names(harness)).length === 1);
  assert.equal((await claims()).length, 3);
  await harness.stop();
});

test('StatefulSetController makes a failed pod anew', async () => {
  const harness = await started();
  await allReady(harness);
  const [, second] = await harness.pods();
  await harness.client
    .resource(pods, 'default')
    .updateStatus({ ...(second as KubeObject), status: { phase: 'Failed' } });
  await harness.until('it is another one', async () => {
    const now = (await harness.pods()).find((pod) => pod.metadata.name === 'db-1');
    return now !== undefined && now.metadata.uid !== second?.metadata.uid;
  });
  await harness.until('the event is there', async () =>
    (await harness.events()).includes(
      'RecreatingFailedPod: StatefulSet default/db is recreating failed Pod db-1',
    ),
  );
  await harness.stop();
});
