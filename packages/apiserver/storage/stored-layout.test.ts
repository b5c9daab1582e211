import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { allResources, decodeProtobuf, isProtobuf } from '@coxswain/api';
import { Client, type Transport } from '@coxswain/client';
import { type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import { loopbackUser } from '../access/loopback-user.ts';
import { untilEstablished } from '../extensions/testing-definitions.ts';
import { startTestServer } from '../testing-server.ts';
import { storedLayouts } from './stored-layout.fixture.ts';

/** What a value is, whatever its encoding. */
function described(value: Uint8Array | undefined): string {
  if (value === undefined) return 'nothing';
  if (isProtobuf(value)) {
    const { apiVersion, kind } = decodeProtobuf(value);
    return `${apiVersion} ${kind}`;
  }
  const { apiVersion, kind } = JSON.parse(Buffer.from(value).toString()) as KubeObject;
  return `${apiVersion} ${kind} as JSON`;
}

describe('every resource is stored where and as upstream stores it', () => {
  const store = new MemoryStore();
  let started: Awaited<ReturnType<typeof startTestServer>>;
  let transport: Transport;
  let client: Client;
  before(async () => {
    const versions = new Set(allResources().map(({ group, version }) => `${group}/${version}`));
    started = await startTestServer({
      store,
      storageMediaType: 'application/vnd.kubernetes.protobuf',
      enabledVersions: [...versions],
    });
    transport = started.server.loopback(loopbackUser);
    client = new Client(transport);
    const namespaces = client.resource({ group: '', version: 'v1', resource: 'namespaces' });
    await namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } });
  });
  after(() => started.close());

  for (const [resource, path, stored, body] of storedLayouts) {
    test(`${resource} at ${path}`, async () => {
      const [apiVersion = '', plural = ''] = resource.split(' ');
      const name = path.slice(path.lastIndexOf('/') + 1);
      const gvr = { ...parseApiVersion(apiVersion), resource: plural };
      const kind =
        allResources().find((each) => each.resource === plural && each.group === gvr.group)?.kind ?? 'Boat';
      const namespace = path.includes('/ns/') ? 'ns' : '';
      const api = client.resource(gvr, namespace);
      const made = await api.create({ apiVersion, kind, metadata: { name }, ...body });
      assert.equal(made.apiVersion, apiVersion);
      // Its objects come next.
      if (kind === 'CustomResourceDefinition') await untilEstablished(transport, name);
      const kv = await store.get(`/registry/${path}`);
      assert.equal(described(kv?.value), stored);
      // Of a definition the status may have changed meanwhile.
      assert.deepEqual((await api.get(name))['spec'], made['spec']);
    });
  }

  test('there is a row for every resource that is stored', () => {
    const known = new Set(storedLayouts.map(([resource]) => resource));
    const served = allResources().filter((each) => each.storageVersionHash !== '');
    const missing = served
      .map(({ group, version, resource }) => `${group === '' ? '' : `${group}/`}${version} ${resource}`)
      .filter((resource) => !known.has(resource));
    assert.deepEqual(missing, []);
  });
});
