import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, type ResourceClient } from '@coxswain/client';
import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import type { ApiServer } from '../apiserver.ts';
import { untilObject } from '../testing-objects.ts';
import { startTestServer } from '../testing-server.ts';
import { definitionsResource, establish, isTrue } from './testing-definitions.ts';

let server: ApiServer;
let close: () => Promise<void>;
let client: Client;

before(async () => {
  const started = await startTestServer();
  ({ server, close } = started);
  client = new Client(server.loopback(loopbackUser));
});

after(() => close());

const definitions = (): ResourceClient => client.resource(definitionsResource);

interface Sketch {
  readonly plural: string;
  readonly group?: string;
  readonly shortNames?: readonly string[];
  readonly versions?: readonly Record<string, unknown>[];
}

const specSchema = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties, ...more } } },
});

function definition({ plural, group = 'test.example.com', shortNames, versions }: Sketch): KubeObject {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1, -1);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: plural.slice(0, -1), kind, ...(shortNames && { shortNames }) },
      versions: versions ?? [
        { name: 'v1', served: true, storage: true, schema: specSchema({ size: { type: 'integer' } }) },
      ],
    },
  };
}

const until = (name: string, holds: (found: KubeObject | undefined) => boolean): Promise<unknown> =>
  untilObject(definitions(), name, holds);

async function define(sketch: Sketch): Promise<void> {
  await establish(client, definition(sketch));
}

const objects = (plural: string, version = 'v1'): ResourceClient =>
  client.resource({ group: 'test.example.com', version, resource: plural }, 'default');

function object(plural: string, name: string, spec: unknown, version = 'v1'): KubeObject {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1, -1);
  return { apiVersion: `test.example.com/${version}`, kind, metadata: { name }, spec } as KubeObject;
}

test('Definitions serves what is established: pruned, with defaults, checked', async () => {
  await define({
    plural: 'boats',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: specSchema({
          size: { type: 'integer', maximum: 10 },
          color: { type: 'string', default: 'red' },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        }),
        subresources: { status: {} },
      },
    ],
  });
  const boats = objects('boats');
  const made = await boats.create(object('boats', 'a', { size: 3, extra: 1, free: { any: [1] } }));
  assert.deepEqual(made['spec'], { size: 3, color: 'red', free: { any: [1] } });
  assert.equal(made.metadata.generation, 1);
  await assert.rejects(boats.create(object('boats', 'b', { size: 11, color: 1 })), (error: Error) => {
    assert.match(
      error.message,
      /spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10/,
    );
    assert.match(
      error.message,
      /spec.color: Invalid value: "integer": spec.color in body must be of type string: "integer"/,
    );
    return true;
  });
});

test('Definitions shows objects with the defaults of a schema that came after them', async () => {
  await define({ plural: 'cranes' });
  await objects('cranes').create(object('cranes', 'a', { size: 1 }));
  await definitions().patch('cranes.test.example.com', 'application/json-patch+json', [
    {
      op: 'add',
      path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/height',
      value: { type: 'integer', default: 7 },
    },
  ] as never);
  assert.deepEqual((await objects('cranes').get('a'))['spec'], { size: 1, height: 7 });
});

test('Definitions serves each version and stores one', async () => {
  const keep = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await define({
    plural: 'docks',
    versions: [
      { name: 'v1', served: true, storage: true, schema: keep },
      { name: 'v1beta1', served: true, storage: false, schema: keep },
    ],
  });
  await objects('docks', 'v1beta1').create(object('docks', 'a', { x: 1 }, 'v1beta1'));
  const stored = await objects('docks').get('a');
  assert.equal(stored.apiVersion, 'test.example.com/v1');
  // Who wrote it did so in another version.
  const writers = stored.metadata.managedFields?.map(({ apiVersion }) => apiVersion);
  assert.deepEqual(writers, ['test.example.com/v1beta1']);
  const [listed] = (await objects('docks', 'v1beta1').list()).items;
  assert.equal(listed?.apiVersion, 'test.example.com/v1beta1');
});

test('Definitions gives a name to the first that asks, and on when that one goes', async () => {
  await define({ plural: 'ferries', shortNames: ['fy'] });
  await definitions().create(definition({ plural: 'flies', shortNames: ['fy'] }));
  await until('flies.test.example.com', (found) =>
    found?.['status']?.conditions?.some(
      (c: KubeObject) => c['type'] === 'NamesAccepted' && c['reason'] === 'ShortNamesConflict',
    ),
  );
  await definitions().delete('ferries.test.example.com');
  await until('flies.test.example.com', isTrue('Established'));
});

test('Definitions keeps a definition that is deleted until the last of its objects is gone', async () => {
  await define({ plural: 'gates' });
  const gates = objects('gates');
  const held = object('gates', 'held', {});
  held.metadata.finalizers = ['example.com/hold'];
  await gates.create(held);
  await gates.create(object('gates', 'free', {}));
  await definitions().delete('gates.test.example.com');
  await until('gates.test.example.com', isTrue('Terminating'));
  const refusal = {
    message:
      'gates.test.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
  };
  await assert.rejects(gates.create(object('gates', 'late', {})), refusal);
  const late = object('gates', 'late', {});
  const applied = gates.patch('late', 'application/apply-patch+yaml', late as never, { fieldManager: 'me' });
  await assert.rejects(applied, refusal);
  await gates.patch('held', 'application/merge-patch+json', { metadata: { labels: { still: 'here' } } });
  assert.equal((await gates.get('held')).metadata.finalizers?.length, 1);
  await gates.patch('held', 'application/merge-patch+json', { metadata: { finalizers: null } });
  await until('gates.test.example.com', (found) => found === undefined);
  await assert.rejects(gates.get('held'), isNotFound);
});

test('Definitions refuses deletions of a definition that is another one by now', async () => {
  await define({ plural: 'herons' });
  const name = 'herons.test.example.com';
  const { resourceVersion } = (await definitions().get(name)).metadata;
  const words = `Operation cannot be fulfilled on customresourcedefinitions.apiextensions.k8s.io "${name}": Precondition failed: `;
  await assert.rejects(definitions().delete(name, { preconditions: { resourceVersion: '1' } }), {
    message: `${words}ResourceVersion in precondition: 1, ResourceVersion in object meta: ${resourceVersion}`,
  });
  const { uid } = (await definitions().get(name)).metadata;
  await assert.rejects(definitions().delete(name, { preconditions: { uid: 'x' } }), {
    message: `${words}UID in precondition: x, UID in object meta: ${uid}`,
  });
  await definitions().delete(name);
  await until(name, (found) => found === undefined);
});

test('Definitions checks the rules of a schema, and those about changes only when something changes', async () => {
  const rules = [
    { rule: 'self.low <= self.high', message: 'low is above high' },
    { rule: 'self.fixed == oldSelf.fixed', reason: 'FieldValueForbidden', fieldPath: '.fixed' },
  ];
  const number = { type: 'integer' };
  await define({
    plural: 'hooks',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: specSchema(
          { low: number, high: number, fixed: number },
          { required: ['low', 'high', 'fixed'], 'x-kubernetes-validations': rules },
        ),
      },
    ],
  });
  const hooks = objects('hooks');
  await assert.rejects(hooks.create(object('hooks', 'x', { low: 2, high: 1, fixed: 0 })), {
    message: 'Hook.test.example.com "x" is invalid: spec: Invalid value: low is above high',
  });
  await hooks.create(object('hooks', 'a', { low: 1, high: 2, fixed: 0 }));
  const merge = 'application/merge-patch+json';
  await hooks.patch('a', merge, { spec: { high: 5 } });
  await assert.rejects(hooks.patch('a', merge, { spec: { fixed: 1 } }), {
    message:
      'Hook.test.example.com "a" is invalid: spec.fixed: Forbidden: failed rule: self.fixed == oldSelf.fixed',
  });
});

test('Definitions tolerates what was broken before, but not at the root, where the schema does not know all members', async () => {
  const tight = [{ rule: 'self.size < 10', message: 'too large' }];
  const root = [{ rule: "self.metadata.name != 'b'", message: 'no b' }];
  const versions = (rules: unknown, ofRoot: unknown) => [
    {
      name: 'v1',
      served: true,
      storage: true,
      schema: {
        openAPIV3Schema: {
          type: 'object',
          'x-kubernetes-validations': ofRoot,
          properties: {
            spec: {
              type: 'object',
              'x-kubernetes-validations': rules,
              properties: { size: { type: 'integer' }, color: { type: 'string' } },
            },
          },
        },
      },
    },
  ];
  await define({ plural: 'kites', versions: versions([], []) });
  const kites = objects('kites');
  for (const name of ['a', 'b']) await kites.create(object('kites', name, { size: 20 }));
  await definitions().patch('kites.test.example.com', 'application/merge-patch+json', {
    spec: { versions: versions(tight, root) },
  } as never);
  const merge = 'application/merge-patch+json';
  await kites.patch('a', merge, { metadata: { labels: { a: 'b' } } });
  await assert.rejects(kites.patch('a', merge, { spec: { color: 'red' } }), /spec: Invalid value: too large/);
  await assert.rejects(kites.patch('b', merge, { metadata: { labels: { a: 'b' } } }), {
    message: 'Kite.test.example.com "b" is invalid: <nil>: Invalid value: no b',
  });
});

test('Definitions refuses schemas that are not structural and rules that do not compile', async () => {
  const schema = (spec: unknown) => [
    {
      name: 'v1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
    },
  ];
  const refused = (spec: unknown): Promise<unknown> =>
    definitions().create(definition({ plural: 'isles', versions: schema(spec) }));
  await assert.rejects(
    refused({ properties: {} }),
    /properties\[spec\].type: Required value: must not be empty/,
  );
  await assert.rejects(
    refused({ type: 'array' }),
    /properties\[spec\].items: Required value: must be specified/,
  );
  await assert.rejects(
    refused({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self > 1' }] }),
    /found no matching overload for '_>_' applied to '\(string, int\)'/,
  );
});
