import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Aggregation, root } from './testing-aggregation.ts';

let at: Aggregation;

before(async () => {
  at = await Aggregation.start();
  await at.ready();
});

after(() => at.stop());

/** What aggregated discovery tells of the other server's version. */
async function discovered(): Promise<{ freshness: string; resources: { resource: string }[] }> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { items } = await at.json('/apis', { headers: { accept } });
  return items.at(-1).versions[0];
}

test('discovery shows the group where its priority puts it', async () => {
  const groups = (await at.json('/apis')).groups.map((one: { name: string }) => one.name);
  assert.equal(groups.at(-1), 'metrics.k8s.io');
  const one = await at.json('/apis/metrics.k8s.io');
  assert.equal(one.preferredVersion.groupVersion, 'metrics.k8s.io/v1beta1');
  const own = await at.json(root);
  assert.equal(own.resources[0].name, 'nodes');
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = await at.json('/apis', { headers: { accept } });
  const [{ freshness, resources }] = aggregated.items.at(-1).versions;
  assert.equal(freshness, 'Current');
  assert.deepEqual(resources[0], {
    resource: 'nodes',
    responseKind: { group: '', version: '', kind: 'NodeMetrics' },
    scope: 'Cluster',
    singularResource: '',
    verbs: ['get', 'list', 'watch'],
  });
});

test('what a server tells in aggregated form is taken over, and not sent twice', async () => {
  const resources = [{ resource: 'racks', scope: 'Cluster', verbs: ['get'] }];
  at.extension.aggregated = JSON.stringify({
    items: [
      { metadata: { name: 'other.k8s.io' }, versions: [{ version: 'v1beta1', resources: [] }] },
      { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', resources }] },
    ],
  });
  await at.change({}, { touched: 'once' });
  while ((await discovered()).resources[0]?.resource !== 'racks') await at.ask(`${root}/nodes/a`);
  at.extension.asked.delete('/apis');
  await at.change({}, { touched: 'twice' });
  while (!at.extension.asked.has('/apis')) await at.ask(`${root}/nodes/a`);
  assert.equal(at.extension.asked.get('/apis')?.['if-none-match'], `"${at.extension.aggregated.length}"`);
  assert.deepEqual(await discovered(), { version: 'v1beta1', resources, freshness: 'Current' });
});

test('OpenAPI tells of both servers', async () => {
  const index = (await at.json('/openapi/v3')).paths;
  assert.ok(index['apis/apps/v1']);
  const { serverRelativeURL } = index['apis/metrics.k8s.io/v1beta1'];
  assert.equal((await at.json(serverRelativeURL)).info.title, 'metrics');
  const swagger = await at.json('/openapi/v2');
  assert.ok(swagger.paths['/api/v1/pods']);
  assert.ok(swagger.paths[`${root}/nodes`]);
  assert.equal(
    swagger.definitions['io.k8s.metrics.NodeMetricsList'].properties.metadata.$ref,
    '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta_v2',
  );
});

test('what a server tells in Swagger alone is told in OpenAPI 3 too', async () => {
  at.extension.modern = false;
  // Another server, for all that is known of this one.
  await at.addService('metrics-2');
  const service = { namespace: 'kube-system', name: 'metrics-2', port: at.extension.port };
  await at.change({ service, caBundle: null, insecureSkipTLSVerify: true });
  const entry = (await at.json('/openapi/v3')).paths['apis/metrics.k8s.io/v1beta1'];
  const document = await at.json(entry.serverRelativeURL);
  assert.ok(document.paths[`${root}/nodes`].get.responses[200].content['application/json'].schema);
  assert.ok(document.components.schemas['io.k8s.metrics.NodeMetricsList']);
});
