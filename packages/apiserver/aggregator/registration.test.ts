import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { definitionsResource } from '../extensions/testing-definitions.ts';
import { untilObject } from '../testing-objects.ts';
import { startTestServer } from '../testing-server.ts';
import { type ApiService, apiServices } from './api-service.ts';

const name = 'v1.reg.example.com';
let close: () => Promise<void>;
let client: Client;

before(async () => {
  const started = await startTestServer();
  close = started.close;
  client = new Client(started.server.loopback(loopbackUser));
});

after(() => close());

const until = (of: string, holds: (service: ApiService | undefined) => boolean): Promise<unknown> =>
  untilObject(client.resource<ApiService>(apiServices), of, holds);

const groups = async (): Promise<string[]> =>
  JSON.parse(await client.transport.raw('/apis')).groups.map((group: { name: string }) => group.name);

function definition(versions: readonly string[]): KubeObject {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'cars.reg.example.com' },
    spec: {
      group: 'reg.example.com',
      scope: 'Cluster',
      names: { plural: 'cars', kind: 'Car' },
      versions: versions.map((one, i) => ({ name: one, served: true, storage: i === 0, schema })),
    },
  };
}

test('a custom resource gets an APIService of its own, and gets it back', async () => {
  await client.resource(definitionsResource).create(definition(['v1', 'v2']));
  await until(name, (service) => service?.status?.conditions?.[0]?.reason === 'Local');
  const { metadata, spec } = await client.resource<ApiService>(apiServices).get(name);
  assert.deepEqual(metadata.labels, { 'kube-aggregator.kubernetes.io/automanaged': 'true' });
  assert.deepEqual([spec.groupPriorityMinimum, spec.versionPriority], [1000, 100]);
  await client.resource(apiServices).delete(name);
  await until(name, (service) => service !== undefined && service.metadata.uid !== metadata.uid);
  const changed = await client.resource<ApiService>(apiServices).get(name);
  await client.resource(apiServices).update({ ...changed, spec: { ...changed.spec, versionPriority: 7 } });
  await until(name, (service) => service?.spec.versionPriority === 100);
});

test('the versions of a group come in their order, the group after those that are built in', async () => {
  assert.equal((await groups()).at(-1), 'reg.example.com');
  const { versions } = JSON.parse(await client.transport.raw('/apis/reg.example.com'));
  assert.deepEqual(
    versions.map(({ version }: { version: string }) => version),
    ['v2', 'v1'],
  );
});

test('an APIService goes with the version it stands for', async () => {
  await client.resource(definitionsResource).delete('cars.reg.example.com');
  await until(name, (service) => service === undefined);
  const left = client.resource(apiServices).get('v2.reg.example.com');
  await left.then(
    () => until('v2.reg.example.com', (service) => service === undefined),
    (error: unknown) => assert.ok(isNotFound(error)),
  );
  assert.ok(!(await groups()).includes('reg.example.com'));
});

test('discovery tells of what has an APIService, by its priority', async () => {
  const placed = (group: string, groupPriorityMinimum: number): KubeObject => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `v1.${group}` },
    spec: { group, version: 'v1', groupPriorityMinimum, versionPriority: 1 },
  });
  await client.resource(apiServices).create(placed('first.example.com', 17_900));
  assert.deepEqual((await groups()).slice(0, 3), ['apiregistration.k8s.io', 'first.example.com', 'apps']);
  await client.resource(apiServices).delete('v1.batch');
  assert.ok(!(await groups()).includes('batch'));
  const jobs = { group: 'batch', version: 'v1', resource: 'jobs' };
  assert.deepEqual((await client.resource(jobs, 'default').list()).items, []);
});
