import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import { loopbackUser } from '../access/loopback-user.ts';
import type { ApiServer } from '../apiserver.ts';
import { startTestServer } from '../testing-server.ts';
import { definitionsResource, establish } from './testing-definitions.ts';

const boats = { group: 'end.example.com', version: 'v1', resource: 'boats' };
const name = 'boats.end.example.com';
let server: ApiServer;
let close: () => Promise<void>;
let client: Client;

before(async () => {
  ({ server, close } = await startTestServer());
  client = new Client(server.loopback(loopbackUser));
  await establish(client, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: boats.group,
      scope: 'Namespaced',
      names: { plural: 'boats', kind: 'Boat' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  });
});

after(() => close());

/** A watch under way, and what it saw when it ended. */
function watched(): { readonly began: Promise<void>; readonly seen: Promise<readonly string[]> } {
  const seen: string[] = [];
  const { promise: began, resolve } = Promise.withResolvers<void>();
  const ended = client.resource(boats, 'default').watch(
    ({ type }) => {
      seen.push(type);
      if (type === 'BOOKMARK') resolve();
    },
    { sendInitialEvents: true, allowWatchBookmarks: true, resourceVersionMatch: 'NotOlderThan' },
    new AbortController().signal,
  );
  return { began, seen: ended.then(() => seen) };
}

test('a watch goes on when only the status of its definition changes', async () => {
  const { began, seen } = watched();
  await began;
  const current = await client.resource(definitionsResource).get(name);
  const labelled = { ...current, metadata: { ...current.metadata, labels: { a: 'b' } } };
  await client.resource(definitionsResource).update(labelled);
  await client.resource(boats, 'default').create({
    apiVersion: 'end.example.com/v1',
    kind: 'Boat',
    metadata: { name: 'one' },
  });
  await change({ type: 'object', description: 'another' });
  assert.deepEqual(await seen, ['BOOKMARK', 'ADDED']);
});

test('a watch ends after the last object when its definition is deleted', async () => {
  const { began, seen } = watched();
  await began;
  await client.resource(definitionsResource).delete(name);
  assert.deepEqual(await seen, ['ADDED', 'BOOKMARK', 'DELETED']);
});

async function change(schema: object): Promise<void> {
  const current = await client.resource(definitionsResource).get(name);
  const [version] = current['spec'].versions;
  await client.resource(definitionsResource).update({
    ...current,
    spec: { ...current['spec'], versions: [{ ...version, schema: { openAPIV3Schema: schema } }] },
  });
}
