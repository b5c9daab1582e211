import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { configMaps, namespaces, pods } from '../shared/resources.ts';
import { NamespaceController } from './namespace-controller.ts';

async function started(): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new NamespaceController(harness.context));
  await harness.client.resource(namespaces).create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', finalizers: ['fake.example.com/deleting'] },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  for (const [ref, kind, name] of [
    [configMaps, 'ConfigMap', 'a'],
    [pods, 'Pod', 'p'],
  ] as const) {
    const object: KubeObject = { apiVersion: 'v1', kind, metadata: { name, namespace: 'team' }, spec: {} };
    await harness.client.resource(ref, 'team').create(object);
  }
  return harness;
}

/** The spec's finalizers keep a namespace in a real server: here one of the metadata does. */
async function release(harness: Harness): Promise<void> {
  const client = harness.client.resource(namespaces);
  const held = await client.get('team');
  await client.update({ ...held, metadata: { ...held.metadata, finalizers: [] } });
}

test('NamespaceController empties a namespace that is being deleted and lets go of it', async () => {
  const harness = await started();
  await harness.client.resource(namespaces).delete('team');
  await harness.until('it is finalized', async () => {
    const { spec } = (await harness.client.resource(namespaces).get('team')) as Record<string, any>;
    return spec.finalizers.length === 0;
  });
  assert.equal((await harness.pods('team')).length, 0);
  assert.equal((await harness.client.resource(configMaps, 'team').list()).items.length, 0);
  await release(harness);
  await harness.stop();
});

test('NamespaceController says in the conditions what is left and why', async () => {
  const harness = await started();
  const client = harness.client.resource(configMaps, 'team');
  const held = await client.get('a');
  await client.update({ ...held, metadata: { ...held.metadata, finalizers: ['example.com/wait'] } });
  await harness.client.resource(namespaces).delete('team');
  const conditions = async (): Promise<Record<string, any>[]> =>
    (await harness.client.resource(namespaces).get('team'))['status'].conditions ?? [];
  await harness.until('it tells of the config map', async () =>
    (await conditions()).some((c) => c['type'] === 'NamespaceContentRemaining' && c['status'] === 'True'),
  );
  const messages = Object.fromEntries((await conditions()).map((c) => [c['type'], c['message']]));
  assert.equal(
    messages['NamespaceContentRemaining'],
    'Some resources are remaining: configmaps. has 1 resource instances',
  );
  assert.equal(
    messages['NamespaceFinalizersRemaining'],
    'Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances',
  );
  const waiting = await client.get('a');
  await client.update({ ...waiting, metadata: { ...waiting.metadata, finalizers: [] } });
  await harness.until('it is finalized', async () => {
    const { spec } = (await harness.client.resource(namespaces).get('team')) as Record<string, any>;
    return spec.finalizers.length === 0;
  });
  await harness.stop();
});
