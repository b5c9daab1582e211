import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

let close: () => Promise<void>;
let client: Client;

before(async () => {
  const started = await startTestServer();
  close = started.close;
  client = new Client(started.server.loopback(loopbackUser));
});

after(() => close());

const group = 'admissionregistration.k8s.io';

async function bind(name: string, mutations: unknown, more: Record<string, unknown> = {}): Promise<void> {
  const at = { group, version: 'v1' };
  await client.resource({ ...at, resource: 'mutatingadmissionpolicies' }).create({
    apiVersion: `${group}/v1`,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
        ],
      },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations,
      ...more,
    },
  } as KubeObject);
  await client.resource({ ...at, resource: 'mutatingadmissionpolicybindings' }).create({
    apiVersion: `${group}/v1`,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name },
  } as KubeObject);
}

const create = (name: string, data: Record<string, string>): Promise<KubeObject> =>
  client
    .resource({ group: '', version: 'v1', resource: 'configmaps' }, 'default')
    .create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data } as KubeObject);

test('MutatingAdmissionPolicy merges configurations and applies patches in order', async () => {
  await bind(
    'labels',
    [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: "Object{metadata: Object.metadata{labels: {'size': string(variables.size)}}}",
        },
      },
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression:
            "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: object.metadata.labels['size']}]",
        },
      },
    ],
    {
      variables: [{ name: 'size', expression: 'object.data.size()' }],
      matchConditions: [{ name: 'some', expression: "object.metadata.name != 'spared'" }],
    },
  );
  const made = await create('made', { x: '1', y: '2' });
  assert.deepEqual(made.metadata.labels, { size: '2', 'a/b': '2' });
  assert.equal((await create('spared', { x: '1' })).metadata.labels, undefined);
});

test('MutatingAdmissionPolicy replaces no whole where a part is said, and makes nothing that has no place', async () => {
  const of = (expression: string) => ({
    matchConstraints: {
      resourceRules: [
        { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['services'] },
      ],
    },
    matchConditions: [{ name: 'one', expression }],
  });
  await bind(
    'atomic',
    [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: "Object{spec: Object.spec{selector: {'a': 'b'}, externalIPs: ['1.2.3.4']}}",
        },
      },
    ],
    of("object.metadata.name == 'a'"),
  );
  await bind(
    'unknown',
    [
      {
        patchType: 'JSONPatch',
        jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/spec/nothing', value: 1}]" },
      },
    ],
    of("object.metadata.name == 'b'"),
  );
  await bind(
    'misfit',
    [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: 'Object{spec: Object.spec{nothing: 1}}' },
      },
    ],
    of("object.metadata.name == 'c'"),
  );
  const service = (name: string) =>
    client.resource({ group: '', version: 'v1', resource: 'services' }, 'default').create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ port: 80 }] },
    } as KubeObject);
  await assert.rejects(service('a'), {
    message:
      "policy 'atomic' with binding 'atomic' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector, .spec.externalIPs",
  });
  await assert.rejects(service('b'), {
    message: 'Internal error occurred: strict decoding error: unknown field "spec.nothing"',
  });
  await assert.rejects(service('c'), {
    message:
      "policy 'misfit' with binding 'misfit' denied request: error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema",
  });
});

test('MutatingAdmissionPolicy is refused when its expressions do not compile', async () => {
  await assert.rejects(
    bind('broken', [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Nothing{}' } }]),
    /spec.mutations\[0\].applyConfiguration.expression.*undeclared reference to 'Nothing'/s,
  );
});
