import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResourceRequest, Transport } from '@coxswain/client';
import { type KubeObject, VirtualClock } from '@coxswain/machinery';
import { MemoryReader } from '../access/memory-reader.ts';
import { bootstrapClusterRoleRules, bootstrapObjects } from './objects.ts';
import { reconcileBootstrap } from './reconcile-bootstrap.ts';
import { reconcile } from './reconcile-policy.ts';

interface Recorder {
  readonly reader: MemoryReader;
  readonly requests: ResourceRequest[];
  readonly run: () => Promise<void>;
}

/** A server that keeps what is created. */
function recorder(): Recorder {
  const reader = new MemoryReader();
  const requests: ResourceRequest[] = [];
  const transport = {
    request: async (request: ResourceRequest) => {
      requests.push(request);
      const key = request.group === '' ? request.resource : `${request.resource}.${request.group}`;
      const body = request.body as KubeObject;
      if (request.verb === 'delete') reader.delete(key, request.namespace ?? '', request.name ?? '');
      else reader.put(key, body);
      return body;
    },
  } as unknown as Transport;
  const clock = new VirtualClock();
  return { reader, requests, run: () => reconcileBootstrap({ transport, reader, clock, clientCa: 'PEM' }) };
}

describe('reconcileBootstrap()', () => {
  test('creates everything once, namespaces first', async () => {
    const { reader, requests, run } = recorder();
    await run();
    assert.equal(requests.filter((r) => r.verb === 'create').length, bootstrapObjects().length + 2);
    assert.deepEqual([...new Set(requests.slice(0, 4).map((r) => r.resource))], ['namespaces']);
    const config = reader.get(
      { group: '', resource: 'configmaps' },
      'kube-system',
      'extension-apiserver-authentication',
    );
    assert.deepEqual(config?.['data'], { 'client-ca-file': 'PEM' });
    requests.length = 0;
    await run();
    assert.deepEqual(requests, []);
  });

  test('gives back rules and subjects that were taken away', async () => {
    const { reader, requests, run } = recorder();
    await run();
    const at = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };
    const role = reader.get(at, '', 'system:discovery') as KubeObject;
    reader.put('clusterroles.rbac.authorization.k8s.io', { ...role, rules: [] });
    requests.length = 0;
    await run();
    assert.deepEqual(
      requests.map((r) => `${r.verb} ${r.resource} ${r.name}`),
      ['update clusterroles system:discovery'],
    );
  });
});

describe('reconcile()', () => {
  const wanted = bootstrapObjects().find(({ object }) => object.metadata.name === 'system:basic-user')
    ?.object as KubeObject;

  test('keeps what an administrator has fixed', () => {
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    const found = { ...wanted, metadata: { ...wanted.metadata, annotations }, rules: [] };
    assert.deepEqual(reconcile(wanted, found), { action: 'keep' });
  });

  test('creates a binding anew when its role differs', () => {
    const binding = bootstrapObjects().find(({ object }) => object.kind === 'ClusterRoleBinding')
      ?.object as KubeObject;
    const found = { ...binding, roleRef: { ...binding['roleRef'], name: 'other' } };
    assert.deepEqual(reconcile(binding, found), { action: 'recreate' });
  });
});

test('bootstrapClusterRoleRules() gives the rules of kubelets', () => {
  assert.ok(bootstrapClusterRoleRules('system:node').length > 10);
});
