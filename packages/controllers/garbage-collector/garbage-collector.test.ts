import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupVersionResource, KubeObject, OwnerReference } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import {
  configMaps,
  customResourceDefinitions,
  deployments,
  pods,
  replicaSets,
} from '../shared/resources.ts';
import { GarbageCollector } from './garbage-collector.ts';

async function started(): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new GarbageCollector(harness.context));
  return harness;
}

function owner(object: KubeObject, blockOwnerDeletion = true): OwnerReference {
  const { name, uid } = object.metadata as { name: string; uid: string };
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion,
  };
}

async function make(
  harness: Harness,
  ref: GroupVersionResource,
  kind: string,
  name: string,
  ...ownerReferences: OwnerReference[]
): Promise<KubeObject> {
  const apiVersion = ref.group === '' ? ref.version : `${ref.group}/${ref.version}`;
  return await harness.client.resource(ref, 'default').create({
    apiVersion,
    kind,
    metadata: { name, namespace: 'default', ownerReferences },
    spec: {},
  });
}

/** A deployment with a replica set with a pod. */
async function family(harness: Harness): Promise<KubeObject> {
  const top = await make(harness, deployments, 'Deployment', 'web');
  const middle = await make(harness, replicaSets, 'ReplicaSet', 'web-1', owner(top));
  await make(harness, pods, 'Pod', 'web-1-a', owner(middle));
  return top;
}

const names = async (harness: Harness, ref: GroupVersionResource): Promise<string[]> =>
  (await harness.client.resource(ref, 'default').list()).items.map(
    (object) => object.metadata.name as string,
  );

test('GarbageCollector deletes what a deleted owner leaves, down to the last', async () => {
  const harness = await started();
  await family(harness);
  await harness.client.resource(deployments, 'default').delete('web');
  await harness.until('all are gone', async () => (await names(harness, pods)).length === 0);
  assert.deepEqual(await names(harness, replicaSets), []);
  await harness.stop();
});

test('GarbageCollector keeps what has another owner and drops the reference to the lost one', async () => {
  const harness = await started();
  const first = await make(harness, configMaps, 'ConfigMap', 'first');
  const second = await make(harness, configMaps, 'ConfigMap', 'second');
  await make(harness, pods, 'Pod', 'both', owner(first), { ...owner(second), controller: false });
  await harness.client.resource(configMaps, 'default').delete('first');
  await harness.until('one reference is left', async () => {
    const [pod] = await harness.pods();
    return pod?.metadata.ownerReferences?.length === 1;
  });
  assert.equal((await harness.pods())[0]?.metadata.ownerReferences?.[0]?.name, 'second');
  await harness.stop();
});

test('GarbageCollector lets dependents go when their owner is orphaned', async () => {
  const harness = await started();
  await family(harness);
  await harness.client.resource(deployments, 'default').delete('web', { propagationPolicy: 'Orphan' });
  await harness.until('the owner is gone', async () => (await names(harness, deployments)).length === 0);
  const [set] = (await harness.client.resource(replicaSets, 'default').list()).items;
  assert.deepEqual(set?.metadata.ownerReferences ?? [], []);
  assert.deepEqual(await names(harness, pods), ['web-1-a']);
  await harness.stop();
});

test('GarbageCollector deletes dependents before their owner in the foreground', async () => {
  const harness = await started();
  await family(harness);
  const pod = harness.client.resource(pods, 'default');
  const held = await pod.get('web-1-a');
  await pod.update({ ...held, metadata: { ...held.metadata, finalizers: ['example.com/wait'] } });
  await harness.client.resource(deployments, 'default').delete('web', { propagationPolicy: 'Foreground' });
  await harness.until('the pod is being deleted', async () => {
    const [only] = await harness.pods();
    return only?.metadata.deletionTimestamp !== undefined;
  });
  assert.deepEqual(await names(harness, deployments), ['web'], 'the owner waits');
  const waiting = await pod.get('web-1-a');
  await pod.update({ ...waiting, metadata: { ...waiting.metadata, finalizers: [] } });
  await harness.until('all are gone', async () => (await names(harness, deployments)).length === 0);
  assert.deepEqual(await names(harness, replicaSets), []);
  await harness.stop();
});

test('GarbageCollector deletes an object whose owner never was', async () => {
  const harness = await started();
  const ghost = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ghost', uid: 'no-such-uid' } };
  await make(harness, pods, 'Pod', 'haunted', owner(ghost));
  await harness.until('it is gone', async () => (await names(harness, pods)).length === 0);
  await harness.stop();
});

const boats = { group: 'sea.example.com', version: 'v1', resource: 'boats' };

/** Discovery shows boats, and a definition says so. */
async function serveBoats(harness: Harness): Promise<void> {
  harness.transport.serve(boats, 'Boat');
  await harness.client.resource(customResourceDefinitions).create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.sea.example.com' },
  });
}

/** How long a condition takes to hold. */
async function timeUntil(harness: Harness, what: string, holds: () => Promise<boolean>): Promise<number> {
  const began = harness.clock.now();
  await harness.until(what, holds);
  return harness.clock.now() - began;
}

test('GarbageCollector deletes what an owner of a new kind leaves as soon as the kind is served', async () => {
  const harness = await started();
  const boat = await make(harness, boats, 'Boat', 'one');
  await make(harness, configMaps, 'ConfigMap', 'of-boat', owner(boat));
  await harness.client.resource(boats, 'default').delete('one');
  await harness.clock.advance(20_000);
  assert.deepEqual(
    await names(harness, configMaps),
    ['of-boat'],
    'nobody knows whether there is such an owner',
  );
  await serveBoats(harness);
  const ms = await timeUntil(
    harness,
    'it is gone',
    async () => (await names(harness, configMaps)).length === 0,
  );
  assert.ok(ms < 1_000, `${ms} ms`);
  await harness.stop();
});

test('GarbageCollector deletes what an owner leaves whose kind goes with it', async () => {
  const harness = await started();
  await serveBoats(harness);
  await harness.clock.advance(1_000);
  const boat = await make(harness, boats, 'Boat', 'one');
  await make(harness, configMaps, 'ConfigMap', 'of-boat', owner(boat));
  await harness.clock.advance(1_000);
  await harness.client.resource(boats, 'default').delete('one');
  harness.transport.withdraw(boats);
  await harness.client.resource(customResourceDefinitions).delete('boats.sea.example.com');
  await harness.until('it is gone', async () => (await names(harness, configMaps)).length === 0);
  const lists = (): number => harness.transport.requests.filter((r) => r.resource === 'boats').length;
  const before = lists();
  await harness.clock.advance(60_000);
  assert.equal(lists(), before, 'what is served no more is not watched');
  await harness.stop();
});
