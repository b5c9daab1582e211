import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../testing-server.ts';
import { asReadAgain } from './read-again.ts';

const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } };

test('asReadAgain() gives null for empty lists of kinds that upstream stores as protobuf', () => {
  const object = asReadAgain({ ...role, rules: [], aggregationRule: {} } as typeof role);
  assert.deepEqual(object, { ...role, rules: null, aggregationRule: {} });
  const custom = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, list: [] };
  assert.equal(asReadAgain(custom), custom);
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'd' },
    status: { storedVersions: [] },
  };
  assert.equal(asReadAgain(definition), definition);
});

test('a write is answered with what a read gives', async () => {
  const { server, close } = await startTestServer();
  const admin = server.loopback({ name: 'admin', groups: ['system:masters'] });
  const place = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };
  const body = { ...role, rules: [] };
  const created = await admin.request({ verb: 'create', ...place, body });
  assert.equal((created as { rules?: unknown }).rules, null);
  const read = await admin.request({ verb: 'get', ...place, name: 'r' });
  assert.deepEqual(read, created);
  const updated = await admin.request({ verb: 'update', ...place, name: 'r', body });
  assert.equal(updated.metadata.resourceVersion, created.metadata.resourceVersion);
  await close();
});
