import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { startTestServer } from '../testing-server.ts';
import { establish } from './testing-definitions.ts';
import { startTestWebhook, type TestWebhook } from './webhook/testing-webhook.ts';

const group = 'versions.example.com';
let client: Client;
let hook: TestWebhook;
let close: () => Promise<void>;

/** A version whose replicas and defaults are its own. */
const version = (name: string, storage: boolean, properties: Record<string, unknown>) => ({
  name,
  served: true,
  storage,
  schema: {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  },
  subresources: { scale: { specReplicasPath: `.spec.${name}`, statusReplicasPath: '.status.n' } },
});

before(async () => {
  hook = await startTestWebhook();
  const started = await startTestServer();
  close = started.close;
  client = new Client(started.server.loopback(loopbackUser));
  await establish(client, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        version('v1', true, {
          a: { type: 'string', maxLength: 5 },
          d: { type: 'integer', default: 1 },
          v1: { type: 'integer' },
        }),
        version('v2', false, {
          a: { type: 'string', maxLength: 10 },
          e: { type: 'integer', default: 2 },
          v2: { type: 'integer' },
        }),
      ],
    },
  } as unknown as KubeObject);
});

after(async () => {
  await close();
  await hook.close();
});

const things = (name: string) => client.resource({ group, version: name, resource: 'things' }, 'default');
const thing = (apiVersion: string, name: string, spec: Record<string, unknown>) =>
  ({ apiVersion: `${group}/${apiVersion}`, kind: 'Thing', metadata: { name }, spec }) as KubeObject;

test('a custom object has the defaults of the version that it is stored in, and the fields of both', async () => {
  await things('v1').create(thing('v1', 'a', { a: 'x' }));
  assert.deepEqual((await things('v1').get('a'))['spec'], { a: 'x', d: 1 });
  assert.deepEqual((await things('v2').get('a'))['spec'], { a: 'x' });
});

test('a custom object is checked in the version that it is written in', async () => {
  assert.deepEqual((await things('v2').create(thing('v2', 'b', { a: 'longer' })))['spec'], { a: 'longer' });
  assert.deepEqual((await things('v1').get('b'))['spec'], { a: 'longer', d: 1 });
  await assert.rejects(things('v1').create(thing('v1', 'c', { a: 'longer' })), /spec.a: Too long/);
});

test('the replicas of a custom object are where its version has them', async () => {
  await things('v1').create(thing('v1', 'd', { v1: 3 }));
  const scaleOf = (name: string): Promise<KubeObject> => things(name).getSubresource('d', 'scale');
  assert.equal((await scaleOf('v1'))['spec'].replicas, 3);
  await assert.rejects(scaleOf('v2'), /the spec replicas field ".spec.v2" does not exist/);
});

test('a custom object is scaled by what its scale is written as', async () => {
  await things('v1').create(thing('v1', 'e', { v1: 3 }));
  const merge = 'application/merge-patch+json';
  const scaled = await things('v1').patch('e', merge, { spec: { replicas: 4 } }, { subresource: 'scale' });
  assert.equal(scaled['spec'].replicas, 4);
  assert.equal((await things('v1').get('e'))['spec'].v1, 4);
});

test('webhooks see equivalent objects and scales, and nothing of what they saw is kept', async () => {
  const seen: unknown[] = [];
  hook.answers.set('/see', ({ resource, object }) => {
    seen.push([resource.version, object.kind, object.apiVersion, object.metadata.name]);
    return { allowed: true };
  });
  const configurations = client.resource({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'validatingwebhookconfigurations',
  });
  const rule = { operations: ['CREATE', 'UPDATE'], apiGroups: [group], apiVersions: ['v2'] };
  await configurations.create({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'see' },
    webhooks: [
      {
        name: 'see.example.com',
        clientConfig: { url: `${hook.url}/see`, caBundle: hook.caBundle },
        rules: [{ ...rule, resources: ['things', 'things/scale'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  } as unknown as KubeObject);
  const made = await things('v1').create(thing('v1', 'f', { v1: 1 }));
  assert.notEqual(made.metadata.resourceVersion, undefined);
  assert.deepEqual((await things('v2').get('f')).metadata, made.metadata);
  const merge = 'application/merge-patch+json';
  await things('v1').patch('f', merge, { spec: { replicas: 2 } }, { subresource: 'scale' });
  await configurations.delete('see');
  assert.deepEqual(seen, [
    ['v2', 'Thing', `${group}/v2`, 'f'],
    ['v2', 'Scale', 'autoscaling/v1', 'f'],
  ]);
});
