import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

const maps = { group: '', version: 'v1', resource: 'configmaps' };

test('deleteCollection() deletes one after the other, those too that have to wait for their finalizers', async () => {
  const { server, close } = await startTestServer();
  const client = new Client(server.loopback(loopbackUser)).resource(maps, 'default');
  for (const name of ['a', 'b', 'c', 'd']) {
    const finalizers = name === 'b' ? ['example.com/wait'] : [];
    await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, finalizers } });
  }
  const { resourceVersion = '' } = (await client.list()).metadata;
  const listed = await client.deleteCollection({ limit: 3 });
  assert.equal(listed.items?.length, 3);
  const seen: string[] = [];
  const stop = new AbortController();
  await client.watch(
    ({ type, object }) => {
      seen.push(`${type} ${(object as KubeObject).metadata.name}`);
      if (seen.length === 3) stop.abort();
    },
    { resourceVersion },
    stop.signal,
  );
  assert.deepEqual(seen, ['DELETED a', 'MODIFIED b', 'DELETED c']);
  await close();
});

test('deleteCollection() leaves what comes after one that may not go, and waits for those before it', async () => {
  const { server, close } = await startTestServer();
  const client = new Client(server.loopback(loopbackUser));
  const group = 'admissionregistration.k8s.io';
  await client.resource({ group, version: 'v1', resource: 'validatingadmissionpolicies' }).create({
    apiVersion: `${group}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'keep' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['DELETE'] },
        ],
      },
      validations: [{ expression: "oldObject.metadata.name != 'm-170'" }],
    },
  });
  await client.resource({ group, version: 'v1', resource: 'validatingadmissionpolicybindings' }).create({
    apiVersion: `${group}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'keep' },
    spec: { policyName: 'keep', validationActions: ['Deny'] },
  });
  const inDefault = client.resource(maps, 'default');
  const names = Array.from({ length: 90 }, (_, i) => `m-${100 + i}`);
  await Promise.all(
    names.map((name) => inDefault.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })),
  );
  await assert.rejects(inDefault.deleteCollection({}), /'keep' denied request/);
  const left = (await inDefault.list()).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(left, names.slice(70));
  await close();
});
