import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { transportContractSuite } from '@coxswain/client/transport-suite';
import { isForbidden, type KubeObject } from '@coxswain/machinery';
import { loopbackUser } from './access/loopback-user.ts';
import { startTestServer } from './testing-server.ts';

transportContractSuite('LoopbackTransport', async () => {
  const { server, close } = await startTestServer();
  return { transport: server.loopback(loopbackUser), close };
});

const pods = { group: '', version: 'v1', resource: 'pods' };

test('LoopbackTransport gives the same frozen object to every reader', async () => {
  const { server, close } = await startTestServer();
  const client = new Client(server.loopback(loopbackUser));
  const made = await client.resource(pods, 'default').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i:1' }] },
  });
  const [first, second] = [
    await client.resource(pods, 'default').get('p'),
    await client.resource(pods, 'default').get('p'),
  ];
  assert.equal(first, second);
  assert.equal(first, made);
  assert.ok(Object.isFrozen(first['spec']['containers'][0]));
  await close();
});

test('LoopbackTransport refuses what its user may not do', async () => {
  const { server, close } = await startTestServer();
  const client = new Client(server.loopback({ name: 'eve', groups: [] }));
  await assert.rejects(client.resource(pods, 'default').list(), (error: Error) => {
    assert.ok(isForbidden(error));
    assert.match(
      error.message,
      /pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"/,
    );
    return true;
  });
  await close();
});

test('LoopbackTransport.watch() ends when the server closes', async () => {
  const { server, close } = await startTestServer();
  const namespaces = new Client(server.loopback(loopbackUser)).resource({
    group: '',
    version: 'v1',
    resource: 'namespaces',
  });
  const { promise: began, resolve } = Promise.withResolvers<KubeObject>();
  const watching = namespaces.watch(
    (event) => resolve(event.object as KubeObject),
    {},
    new AbortController().signal,
  );
  assert.equal((await began).kind, 'Namespace');
  await close();
  await watching;
  await namespaces.watch(() => {}, {}, new AbortController().signal);
});
