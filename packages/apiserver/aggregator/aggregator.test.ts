import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { StatusError } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { type ApiService, apiServices, type Condition } from './api-service.ts';
import { Aggregation, conditionOf, name, root } from './testing-aggregation.ts';

let at: Aggregation;

before(async () => {
  at = await Aggregation.start();
});

after(() => at.stop());

test('every version that is built in has an APIService that is available', async () => {
  const { items } = await at.client.resource<ApiService>(apiServices).list();
  assert.ok(items.length > 20);
  for (const item of items) {
    assert.equal(item.metadata.labels?.['kube-aggregator.kubernetes.io/automanaged'], 'onstart');
    const { lastTransitionTime, ...condition } = conditionOf(item) ?? {};
    assert.deepEqual(condition, {
      type: 'Available',
      status: 'True',
      reason: 'Local',
      message: 'Local APIServices are always available',
    });
    assert.match(lastTransitionTime ?? '', /^2026-/);
  }
});

test('an APIService says what is missing until its server answers', async () => {
  await at.client.resource(apiServices).create(at.apiService());
  const missing = await at.untilAvailability(({ reason }) => reason === 'ServiceNotFound');
  assert.equal(missing.message, 'service/metrics in "kube-system" is not present');
  const refused = await at.ask(`${root}/nodes`);
  assert.deepEqual([refused.code, refused.body], [503, 'service unavailable\n']);
  assert.equal(refused.headers['content-type'], 'text/plain; charset=utf-8');
  await at.addService('metrics');
  const passed = await at.untilAvailability(({ reason }) => reason === 'Passed');
  assert.deepEqual([passed.status, passed.message], ['True', 'all checks passed']);
});

test('clients of the same process reach the server too', async () => {
  const metrics = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'nodes' };
  assert.equal((await at.client.resource(metrics).list()).items[0]?.metadata.name, 'a');
  assert.equal(JSON.parse(await at.client.transport.raw(root)).resources.length, 2);
  assert.equal(at.extension.asked.get(root)?.['x-remote-user'], loopbackUser.name);
});

test('a server with a certificate of somebody else is not spoken to', async () => {
  await at.change({ caBundle: at.foreignCa() });
  const { code, body: text } = await at.ask(`${root}/nodes`);
  assert.equal(code, 503);
  assert.equal(
    text,
    'error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n',
  );
  await at.change({ caBundle: at.extension.caBundle });
  assert.equal((await at.ask(`${root}/nodes`)).code, 200);
});

test('a server that dies is found out, and is shown as it was', async () => {
  await at.extension.close();
  const url = `https://localhost:${at.extension.port}${root}`;
  const refused = `dial tcp localhost:${at.extension.port}: connect: connection refused`;
  let dead: Condition | undefined;
  const message = `failing or missing response from ${url}: Get "${url}": ${refused}`;
  const found = at
    .untilAvailability((condition) => condition.message === message)
    .then((condition) => {
      dead = condition;
    });
  while (dead === undefined) {
    await at.clock.advance(30_000);
    // The connection is refused in the time that passes, not in the one that is wound.
    for (let i = 0; i < 10 && dead === undefined; i++) await at.ask('/version');
  }
  await found;
  assert.deepEqual([dead.status, dead.reason], ['False', 'FailedDiscoveryCheck']);
  const { code, body: text } = await at.ask(`${root}/nodes`);
  assert.deepEqual([code, text], [503, 'service unavailable\n']);
  await assert.rejects(
    at.client.transport.raw(root),
    (error) =>
      error instanceof StatusError &&
      error.message === 'the server is currently unable to handle the request',
  );
  const { groups } = await at.json('/apis');
  assert.equal(groups.at(-1).name, 'metrics.k8s.io');
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const shown = async () => (await at.json('/apis', { headers: { accept } })).items.at(-1).versions[0];
  while ((await shown()).freshness !== 'Stale') await at.ask('/version');
  assert.equal((await shown()).resources[0]?.resource, 'nodes');
});

test('without its APIService the group is gone', async () => {
  await at.client.resource(apiServices).delete(name);
  assert.equal((await at.ask(root)).code, 404);
  assert.equal((await at.ask('/apis/metrics.k8s.io')).code, 404);
});
