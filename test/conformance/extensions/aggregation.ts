import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import { jsonPatch } from '../support/api.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { SampleServer, sampleGroup } from '../support/sample-server.ts';
import type { Scope } from '../support/scope.ts';

const version = 'v1alpha1';
const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices';
const name = `${version}.${sampleGroup}`;

/** Puts a server of its own behind the cluster's, and waits until it is reached there. */
async function register(s: Scope): Promise<SampleServer> {
  const server = await SampleServer.start(s.api, `sample-api.${s.namespace}.svc`);
  const labels = { 'kubernetes.io/service-name': 'sample-api' };
  await s.create(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'sample-api' },
      spec: { ports: [{ port: 7443, targetPort: server.port }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'sample-api-1', labels },
      addressType: 'IPv4',
      endpoints: [{ addresses: [server.address] }],
      ports: [{ name: '', port: server.port, protocol: 'TCP' }],
    },
  );
  await s.api.create(apiServices, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { apiservice: s.namespace } },
    spec: {
      group: sampleGroup,
      version,
      groupPriorityMinimum: 2000,
      versionPriority: 200,
      caBundle: server.caBundle,
      service: { name: 'sample-api', namespace: s.namespace, port: 7443 },
    },
  });
  await s.api.until('the sample server to be available', `${apiServices}/${name}`, (found) =>
    found.status?.conditions?.some((c: any) => c.type === 'Available' && c.status === 'True'),
  );
  return server;
}

const flunder = (name: string): object => ({
  apiVersion: `${sampleGroup}/${version}`,
  kind: 'Flunder',
  metadata: { name, labels: { sample: 'true' } },
  spec: { reference: 'a' },
});

export const aggregation: Behaviours = (_, alone) => {
  alone(
    'Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator',
    async (s) => {
      const server = await register(s);
      try {
        await useFlunders(s);
        await isDiscovered(s);
        await asksWhoMay(s);
        await changeApiService(s);
      } finally {
        await server.close();
      }
      const gone = await s.api.call('GET', `/apis/${sampleGroup}/${version}`);
      assert.equal(gone.status, 404, gone.text);
    },
  );
};

/** Requests and answers pass through, whatever the verb. */
async function useFlunders(s: Scope): Promise<void> {
  const path = `/apis/${sampleGroup}/${version}/namespaces/${s.namespace}/flunders`;
  const made = await s.api.create(path, flunder('rest-flunder'));
  assert.equal((await s.api.get(`${path}/rest-flunder`)).metadata.uid, made.metadata.uid);
  assert.deepEqual(
    (await s.api.get(path)).items.map((one: any) => one.metadata.name),
    ['rest-flunder'],
  );
  const table = await s.kubectl('get', `flunders.${sampleGroup}`, '-o', 'name');
  assert.equal(table.trim(), `flunder.${sampleGroup}/rest-flunder`);
  await s.api.delete(`${path}/rest-flunder`);
  const missing = await s.api.call('GET', `${path}/rest-flunder`);
  assert.deepEqual([missing.status, missing.body.reason], [404, 'NotFound']);
  for (const one of ['a', 'b']) await s.api.create(path, flunder(one));
  await s.api.delete(path);
  assert.deepEqual((await s.api.get(path)).items, []);
}

async function isDiscovered(s: Scope): Promise<void> {
  const { groups } = await s.api.get('/apis');
  const group = groups.find((one: any) => one.name === sampleGroup);
  assert.deepEqual(group.preferredVersion, { groupVersion: `${sampleGroup}/${version}`, version });
  const { resources } = await s.api.get(`/apis/${sampleGroup}/${version}`);
  assert.deepEqual(
    resources.map((one: any) => one.name),
    ['flunders'],
  );
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  await eventually('the group in the aggregated discovery', async () => {
    const { body } = await s.api.call('GET', '/apis', undefined, { accept });
    const found = body.items.find((item: any) => item.metadata.name === sampleGroup);
    return found?.versions[0]?.resources?.some((one: any) => one.resource === 'flunders');
  });
}

/** The server behind is told who asks, and may ask what they may. */
async function asksWhoMay(s: Scope): Promise<void> {
  const path = `/apis/${sampleGroup}/${version}/namespaces/${s.namespace}/flunders`;
  const { status } = await s.api.create(`${s.path('serviceaccounts', 'default')}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  const { token } = status;
  const user = `system:serviceaccount:${s.namespace}:default`;
  const refused = await s.api.call('GET', path, undefined, { token });
  assert.equal(refused.status, 403, refused.text);
  assert.ok(refused.body.message.includes(`"${user}"`), refused.text);
  await s.create(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'flunders' },
      rules: [{ apiGroups: [sampleGroup], resources: ['flunders'], verbs: ['list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'flunders' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'flunders' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: s.namespace }],
    },
  );
  await eventually(
    'the role to count',
    async () => (await s.api.call('GET', path, undefined, { token })).status === 200,
  );
}

/** The APIService itself is read, changed and deleted as other objects are. */
async function changeApiService(s: Scope): Promise<void> {
  const path = `${apiServices}/${name}`;
  const { status } = await s.api.get(`${path}/status`);
  const [available] = status.conditions;
  assert.deepEqual([available.reason, available.message], ['Passed', 'all checks passed']);
  const { items } = await s.api.get(apiServices);
  assert.ok(items.some((one: any) => one.metadata.name === name));
  const patched = await s.api.patch(path, { metadata: { labels: { patched: 'true' } } });
  assert.equal(patched.metadata.labels.patched, 'true');
  const condition = { type: 'StatusPatched', status: 'Unknown', reason: 'E2E', message: 'Set by the test' };
  const add = [{ op: 'add', path: '/status/conditions/-', value: condition }];
  const told = await s.api.patch(`${path}/status`, add, jsonPatch);
  assert.ok(told.status.conditions.some((one: any) => one.type === 'StatusPatched'));
  await s.api.change(`${path}/status`, (found) => {
    found.status.conditions.push({ ...condition, type: 'StatusUpdated' });
  });
  await s.api.change(path, (found) => {
    found.spec.versionPriority = 400;
  });
  assert.equal((await s.api.get(path)).spec.versionPriority, 400);
  const selected = `${apiServices}?labelSelector=apiservice%3D${s.namespace}`;
  await s.api.delete(selected);
  await eventually('the APIService to go', async () => (await s.api.get(selected)).items.length === 0);
}
