import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, type ResourceClient } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import type { ApiServer } from '../../apiserver.ts';
import { startTestServer } from '../../testing-server.ts';
import { establish } from '../testing-definitions.ts';
import { startTestWebhook, type TestWebhook } from './testing-webhook.ts';

const group = 'convert.example.com';
let hook: TestWebhook;
let server: ApiServer;
let close: () => Promise<void>;
let client: Client;

/** v1 has one member of what v2 has in two. */
function converted(object: KubeObject, apiVersion: string): KubeObject {
  const { spec, ...rest } = object;
  if (apiVersion === `${group}/v2`) {
    const [host = '', port = ''] = String(spec?.['hostPort'] ?? '').split(':');
    return { ...rest, apiVersion, spec: { host, port } } as KubeObject;
  }
  return { ...rest, apiVersion, spec: { hostPort: `${spec?.['host']}:${spec?.['port']}` } } as KubeObject;
}

before(async () => {
  hook = await startTestWebhook();
  hook.answers.set('/convert', (request) => ({
    result: { status: 'Success' },
    convertedObjects: (request['objects'] as KubeObject[]).map((one) =>
      converted(one, request['desiredAPIVersion'] as string),
    ),
  }));
  const started = await startTestServer();
  ({ server, close } = started);
  client = new Client(server.loopback(loopbackUser));
  await define();
});

after(async () => {
  await close();
  await hook.close();
});

const routes = (version: string): ResourceClient =>
  client.resource({ group, version, resource: 'routes' }, 'default');

async function define(): Promise<void> {
  const text = { type: 'string' };
  const schema = (properties: Record<string, unknown>) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  });
  await establish(client, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `routes.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'routes', kind: 'Route' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: schema({ hostPort: text }) },
        {
          name: 'v2',
          served: true,
          storage: false,
          schema: schema({ host: { ...text, maxLength: 20 }, port: text }),
          selectableFields: [{ jsonPath: '.spec.host' }],
        },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          clientConfig: { url: `${hook.url}/convert`, caBundle: hook.caBundle },
          conversionReviewVersions: ['v1'],
        },
      },
    },
  } as KubeObject);
}

test('WebhookConverter converts what is read and written in a version that is not stored', async () => {
  const route = {
    apiVersion: `${group}/v2`,
    kind: 'Route',
    metadata: { name: 'a' },
    spec: { host: 'h', port: '1' },
  };
  const made = await routes('v2').create(route as KubeObject);
  assert.deepEqual(made['spec'], { host: 'h', port: '1' });
  assert.deepEqual((await routes('v1').get('a'))['spec'], { hostPort: 'h:1' });
  await routes('v2').patch('a', 'application/merge-patch+json', { spec: { port: '2' } });
  assert.deepEqual((await routes('v1').get('a'))['spec'], { hostPort: 'h:2' });
  const [listed] = (await routes('v2').list()).items;
  assert.deepEqual([listed?.apiVersion, listed?.['spec']], [`${group}/v2`, { host: 'h', port: '2' }]);
});

test('WebhookConverter converts what watchers see, in order', async () => {
  const seen: string[] = [];
  const done = new AbortController();
  const watching = server.loopback(loopbackUser).watch({
    group,
    version: 'v2',
    resource: 'routes',
    namespace: 'default',
    signal: done.signal,
    onEvent: ({ type, object }) => {
      const { metadata, spec } = object as KubeObject;
      seen.push(`${type} ${metadata.name} ${spec?.['host']}`);
      if (metadata.name === 'last') done.abort();
    },
  });
  for (const name of ['b', 'c', 'last']) {
    await routes('v1').create({
      apiVersion: `${group}/v1`,
      kind: 'Route',
      metadata: { name },
      spec: { hostPort: `${name}-host:1` },
    } as KubeObject);
  }
  await watching;
  assert.deepEqual(seen.slice(-3), ['ADDED b b-host', 'ADDED c c-host', 'ADDED last last-host']);
});

test('WebhookConverter converts before fields are selected by', async () => {
  const make = (name: string, hostPort: string) =>
    routes('v1').create({
      apiVersion: `${group}/v1`,
      kind: 'Route',
      metadata: { name },
      spec: { hostPort },
    } as KubeObject);
  await make('f', 'one:1');
  await make('g', 'two:1');
  const fieldSelector = 'spec.host=one';
  const { items } = await routes('v2').list({ fieldSelector });
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['f'],
  );
  const seen: string[] = [];
  const done = new AbortController();
  const watching = server.loopback(loopbackUser).watch({
    group,
    version: 'v2',
    resource: 'routes',
    namespace: 'default',
    options: { fieldSelector },
    signal: done.signal,
    onEvent: ({ type, object }) => {
      const { metadata, spec } = object as KubeObject;
      seen.push(`${type} ${metadata.name} ${spec?.['host']}`);
      if (metadata.name === 'end') done.abort();
    },
  });
  const merge = 'application/merge-patch+json';
  await routes('v2').patch('g', merge, { spec: { host: 'one' } });
  await routes('v2').patch('f', merge, { spec: { host: 'two' } });
  await routes('v1').delete('g');
  await make('end', 'one:9');
  await watching;
  assert.deepEqual(seen, ['ADDED f one', 'ADDED g one', 'DELETED f one', 'DELETED g one', 'ADDED end one']);
});

test("WebhookConverter fails the request in upstream's words when the webhook does", async () => {
  hook.answers.set('/convert', () => ({ result: { status: 'Failed', message: 'not today' } }));
  const route = {
    apiVersion: `${group}/v1`,
    kind: 'Route',
    metadata: { name: 'd' },
    spec: { hostPort: 'd:1' },
  };
  await routes('v1').create(route as KubeObject);
  await assert.rejects(
    routes('v2').get('d'),
    /conversion webhook for convert.example.com\/v1, Kind=Route failed: not today/,
  );
});

const wrongObjects: readonly (readonly [
  what: string,
  change: (object: KubeObject) => object,
  text: string,
])[] = [
  [
    'another version',
    (object) => ({ ...object, apiVersion: `${group}/v3` }),
    `invalid object at index 0: invalid groupVersion (expected ${group}/v2, received ${group}/v3)`,
  ],
  [
    'another kind',
    (object) => ({ ...object, kind: 'Road' }),
    'invalid object at index 0: invalid kind (expected Route, received Road)',
  ],
  [
    'another name',
    (object) => ({ ...object, metadata: { ...object.metadata, name: 'e' } }),
    'invalid object: must have the same name: d != e',
  ],
  [
    'labels that are none',
    (object) => ({ ...object, metadata: { ...object.metadata, labels: { a: 1 } } }),
    'invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
  ],
];

for (const [what, change, text] of wrongObjects) {
  test(`WebhookConverter takes no object of ${what}`, async () => {
    hook.answers.set('/convert', ({ objects, desiredAPIVersion }) => ({
      result: { status: 'Success' },
      convertedObjects: (objects as unknown as KubeObject[]).map((object) =>
        change({ ...object, apiVersion: String(desiredAPIVersion) }),
      ),
    }));
    await assert.rejects(routes('v2').get('d'), {
      message: `conversion webhook for ${group}/v1, Kind=Route returned ${text}`,
    });
  });
}

test('custom objects are admitted and checked in the version that they are sent in', async () => {
  hook.answers.set('/convert', ({ objects, desiredAPIVersion }) => ({
    result: { status: 'Success' },
    convertedObjects: (objects as unknown as KubeObject[]).map((one) =>
      converted(one, String(desiredAPIVersion)),
    ),
  }));
  const seen: unknown[] = [];
  hook.answers.set('/see', ({ object, oldObject }) => {
    seen.push([object?.apiVersion, object?.spec, oldObject?.apiVersion]);
    return { allowed: true };
  });
  const api = client.resource({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'validatingwebhookconfigurations',
  });
  await api.create({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'see' },
    webhooks: [
      {
        name: 'see.example.com',
        clientConfig: { url: `${hook.url}/see`, caBundle: hook.caBundle },
        rules: [{ operations: ['*'], apiGroups: [group], apiVersions: ['v2'], resources: ['routes'] }],
        matchPolicy: 'Exact',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  } as unknown as KubeObject);
  const route = (host: string) =>
    ({
      apiVersion: `${group}/v2`,
      kind: 'Route',
      metadata: { name: 'seen' },
      spec: { host, port: '1' },
    }) as KubeObject;
  await assert.rejects(
    routes('v2').create(route('a'.repeat(21))),
    /spec.host: Too long: may not be more than 20 bytes/,
  );
  await routes('v2').create(route('h'));
  await routes('v2').patch('seen', 'application/merge-patch+json', { spec: { port: '2' } });
  await routes('v2').delete('seen');
  await api.delete('see');
  const version = `${group}/v2`;
  assert.deepEqual(seen, [
    [version, { host: 'h', port: '1' }, undefined],
    [version, { host: 'h', port: '2' }, version],
    [undefined, undefined, version],
  ]);
});
