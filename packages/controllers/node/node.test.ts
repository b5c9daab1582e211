import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { leases, nodes, pods } from '../shared/resources.ts';
import { NodeIpamController } from './node-ipam-controller.ts';
import { NodeLifecycleController } from './node-lifecycle-controller.ts';
import { PodGarbageCollector } from './pod-garbage-collector.ts';
import { TaintEvictionController } from './taint-eviction-controller.ts';

const ready = async (harness: Harness, node: string): Promise<string | undefined> =>
  (await harness.client.resource(nodes).get(node))['status']?.conditions?.find((c: any) => c.type === 'Ready')
    ?.status;

const taints = async (harness: Harness, node: string): Promise<string[]> =>
  ((await harness.client.resource(nodes).get(node))['spec'].taints ?? []).map(
    (t: any) => `${t.key}:${t.effect}`,
  );

async function pod(harness: Harness, name: string, spec: object): Promise<KubeObject> {
  return await harness.client.resource(pods, 'default').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [], nodeName: 'a', ...spec },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

/** A node's sign of life. */
async function renew(harness: Harness, name: string): Promise<void> {
  const client = harness.client.resource(leases, 'kube-node-lease');
  const renewTime = new Date(harness.clock.now()).toISOString();
  const held = (await client.list()).items.find((lease) => lease.metadata.name === name);
  if (held) await client.update({ ...held, spec: { renewTime } });
  else {
    await client.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { renewTime },
    });
  }
}

test('NodeLifecycleController gives up a silent node, evicts its pods in time, and takes it back', async () => {
  const harness = new Harness();
  const { context } = harness;
  await harness.run(new NodeLifecycleController(context), new TaintEvictionController(context));
  await harness.addNode('a');
  await harness.addNode('b');
  const tolerationSeconds = 30;
  await pod(harness, 'short', {
    tolerations: [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
    ],
  });
  await pod(harness, 'daemon', {
    tolerations: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }],
  });
  const tick = async (): Promise<void> => {
    await renew(harness, 'b');
    await harness.clock.advance(5_000);
  };
  for (let i = 0; i < 20 && (await ready(harness, 'a')) === 'True'; i++) await tick();
  assert.equal(await ready(harness, 'a'), 'Unknown');
  assert.equal(await ready(harness, 'b'), 'True');
  await tick();
  assert.deepEqual((await taints(harness, 'a')).sort(), [
    'node.kubernetes.io/unreachable:NoExecute',
    'node.kubernetes.io/unreachable:NoSchedule',
  ]);
  const held = await harness.client.resource(pods, 'default').get('daemon');
  assert.equal(held['status'].conditions.find((c: any) => c.type === 'Ready').status, 'False');
  const evicted = async (): Promise<boolean> =>
    (await harness.client.resource(pods, 'default').get('short')).metadata.deletionTimestamp !== undefined;
  for (let i = 0; i < 12 && !(await evicted()); i++) await tick();
  assert.ok(await evicted(), 'the one that bears it for a while is evicted');
  assert.equal(
    (await harness.client.resource(pods, 'default').get('daemon')).metadata.deletionTimestamp,
    undefined,
  );
  const node = await harness.client.resource(nodes).get('a');
  await renew(harness, 'a');
  await harness.client.resource(nodes).updateStatus({
    ...node,
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'second' }] },
  });
  for (let i = 0; i < 5; i++) {
    await renew(harness, 'a');
    await tick();
  }
  assert.deepEqual(await taints(harness, 'a'), []);
  await harness.stop();
});

test('NodeIpamController gives each node its own range, and a freed one again', async () => {
  const harness = new Harness();
  await harness.run(new NodeIpamController(harness.context, '10.1.0.0/23', 24));
  const range = async (name: string): Promise<string | undefined> =>
    (await harness.client.resource(nodes).get(name))['spec'].podCIDR;
  await harness.addNode('a');
  await harness.addNode('b');
  await harness.until('both have one', async () => Boolean((await range('a')) && (await range('b'))));
  assert.deepEqual([await range('a'), await range('b')].sort(), ['10.1.0.0/24', '10.1.1.0/24']);
  const freed = await range('a');
  await harness.addNode('c');
  await harness.until('it is told that none is left', async () =>
    (await harness.events()).some((event) => event.startsWith('CIDRNotAvailable')),
  );
  await harness.client.resource(nodes).delete('a');
  await harness.until('the third has it', async () => (await range('c')) === freed);
  await harness.stop();
});

test('PodGarbageCollector removes pods of nodes that are gone and unplaced pods that were deleted', async () => {
  const harness = new Harness();
  await harness.run(new PodGarbageCollector(harness.context));
  await harness.addNode('a');
  await pod(harness, 'stays', {});
  await pod(harness, 'lost', { nodeName: 'gone' });
  await harness.clock.advance(60_000);
  await harness.until('the lost one is gone', async () => (await harness.pods()).length === 1);
  assert.equal((await harness.pods())[0]?.metadata.name, 'stays');
  await harness.stop();
});

test('PodGarbageCollector ends the pods of a node that is out of service', async () => {
  const harness = new Harness();
  await harness.run(new PodGarbageCollector(harness.context));
  const node = await harness.addNode('a');
  await harness.client.resource(nodes).updateStatus({
    ...node,
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  });
  await pod(harness, 'hangs', {});
  const client = harness.client.resource(pods, 'default');
  await client.delete('hangs');
  await harness.clock.advance(60_000);
  assert.equal((await harness.pods()).length, 1, 'it waits for its node');
  const held = await harness.client.resource(nodes).get('a');
  const taint = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
  await harness.client.resource(nodes).update({ ...held, spec: { taints: [taint] } });
  await harness.until('it is gone', async () => (await harness.pods()).length === 0);
  await harness.stop();
});
