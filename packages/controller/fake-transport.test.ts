import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client } from '@coxswain/client';
import { transportContractSuite } from '@coxswain/client/transport-suite';
import { isConflict, isGone } from '@coxswain/machinery';
import { FakeTransport } from './fake-transport.ts';

transportContractSuite('FakeTransport', async () => ({
  transport: new FakeTransport(),
  close: async () => {},
}));

const pods = { group: '', version: 'v1', resource: 'pods' };
const pod = (name: string, more: object = {}) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default', ...more },
  spec: {
    containers: [
      { name: 'a', image: 'x' },
      { name: 'b', image: 'y' },
    ],
  },
});

it('update() keeps the status, updateStatus() the spec, and a new spec has a new generation', async () => {
  const client = new Client(new FakeTransport()).resource(pods, 'default');
  const created = await client.create(pod('web'));
  assert.equal(created.metadata.generation, 1);
  await client.updateStatus({ ...created, spec: {}, status: { phase: 'Running' } });
  const stored = await client.get('web');
  assert.equal(stored['spec'].containers.length, 2);
  const updated = await client.update({ ...stored, spec: { ...stored['spec'], x: 1 }, status: {} });
  assert.deepEqual([updated['status'].phase, updated.metadata.generation], ['Running', 2]);
});

it('patch() merges lists by key with a strategic merge patch', async () => {
  const client = new Client(new FakeTransport()).resource(pods, 'default');
  await client.create(pod('web'));
  const patch = { spec: { containers: [{ name: 'b', image: 'z' }] } };
  const patched = await client.patch('web', 'application/strategic-merge-patch+json', patch);
  assert.deepEqual(
    patched['spec'].containers.map((c: { image: string }) => c.image),
    ['x', 'z'],
  );
});

it('delete() leaves a pod on a node time to end, and objects with finalizers until they are empty', async () => {
  const transport = new FakeTransport();
  const client = new Client(transport).resource(pods, 'default');
  await client.create(pod('web'));
  const target = { kind: 'Node', name: 'n1' };
  await client.createSubresource('web', 'binding', {
    kind: 'Binding',
    apiVersion: 'v1',
    metadata: {},
    target,
  });
  await assert.rejects(
    client.createSubresource('web', 'binding', { kind: 'Binding', apiVersion: 'v1', metadata: {}, target }),
    isConflict,
  );
  const ending = await client.delete('web');
  assert.equal(ending.metadata.deletionGracePeriodSeconds, 30);
  assert.ok((await client.get('web')).metadata.deletionTimestamp);
  await client.delete('web', { gracePeriodSeconds: 0 });
  assert.equal(transport.find(pods, 'default/web'), undefined);

  await client.create(pod('held', { finalizers: ['x/y'] }));
  await client.delete('held');
  const held = await client.get('held');
  await client.update({ ...held, metadata: { ...held.metadata, finalizers: [] } });
  assert.equal(transport.find(pods, 'default/held'), undefined);
  await assert.rejects(client.delete('x', {}), /not found/);
});

it('watch() refuses a revision that was compacted', async () => {
  const transport = new FakeTransport();
  transport.seed(pods, pod('a'), pod('b'));
  transport.compact();
  const client = new Client(transport).resource(pods, 'default');
  await assert.rejects(
    client.watch(() => {}, { resourceVersion: '2' }, new AbortController().signal),
    isGone,
  );
});
