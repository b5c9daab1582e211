import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import { type KubeObject, StatusError, systemClock, VirtualClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { WebSocket } from 'ws';
import { loopbackUser } from '../access/loopback-user.ts';
import type { ApiServer } from '../apiserver.ts';
import { startTestServer } from '../testing-server.ts';
import { type ApiService, apiServices } from './api-service.ts';
import { startTestExtension, type TestExtension } from './testing-extension.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-aggregator-'));
const clock = new VirtualClock();
const name = 'v1beta1.metrics.k8s.io';
const root = '/apis/metrics.k8s.io/v1beta1';
const users = new Map([
  ['admin-token', { name: 'admin', uid: '7', groups: ['system:masters'], extra: { 'a/b': ['1', '2'] } }],
  ['nobody-token', { name: 'nobody', groups: [] }],
]);
let extension: TestExtension;
let server: ApiServer;
let stop: () => Promise<void>;
let client: Client;
let ca: string;

before(async () => {
  extension = await startTestExtension();
  const pki = new PkiDir(dir, systemClock);
  const issuer = pki.authority('ca', 'test');
  const leaf = pki.leaf('server', issuer, {
    subject: { commonName: 'server' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  ca = issuer.certificate;
  ({ server, close: stop } = await startTestServer({
    clock,
    listen: { host: '127.0.0.1', port: 0, cert: leaf.certificate, key: leaf.key, clientCA: '' },
    access: { staticTokens: users },
    aggregator: { routing: 'cluster-ip', refuseRedirects: true, proxyClient: () => extension.proxyClient },
  }));
  client = new Client(server.loopback(loopbackUser));
});

after(async () => {
  await stop();
  await extension.close();
  rmSync(dir, { recursive: true });
});

interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function open(path: string, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  const { headers, ...rest } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}${path}`,
      { ca, headers: { authorization: 'Bearer admin-token', ...(headers as object) }, agent: false, ...rest },
      resolve,
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function ask(path: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  const answer = await open(path, options, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const { statusCode: code = 0, headers } = answer;
  return { code, headers, text: Buffer.concat(chunks).toString() };
}

/** Resolves with the APIService as soon as its condition Available has that reason. */
async function untilReason(reason: string, of = name): Promise<ApiService> {
  const found = new AbortController();
  let service: ApiService | undefined;
  const look = (object: unknown): void => {
    const candidate = object as ApiService;
    if (candidate.metadata.name !== of || conditionOf(candidate)?.reason !== reason) return;
    service = candidate;
    found.abort();
  };
  await client
    .resource(apiServices)
    .watch(
      ({ object }) => look(object),
      { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' },
      found.signal,
    );
  return service as ApiService;
}

const conditionOf = (service: ApiService) =>
  service.status?.conditions?.find((condition) => condition.type === 'Available');

const apiService = (spec: object): KubeObject => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name },
  spec: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { namespace: 'kube-system', name: 'metrics', port: extension.port },
    ...spec,
  },
});

test('every version that is built in has an APIService that is available', async () => {
  const { items } = await client.resource<ApiService>(apiServices).list();
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
  await client.resource(apiServices).create(apiService({ caBundle: extension.caBundle }));
  const missing = await untilReason('ServiceNotFound');
  assert.equal(conditionOf(missing)?.message, 'service/metrics in "kube-system" is not present');
  const refused = await ask(`${root}/nodes`);
  assert.deepEqual([refused.code, refused.text], [503, 'service unavailable\n']);
  assert.equal(refused.headers['content-type'], 'text/plain; charset=utf-8');
  await client.resource({ group: '', version: 'v1', resource: 'services' }, 'kube-system').create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics', namespace: 'kube-system' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  const passed = await untilReason('Passed');
  assert.deepEqual(
    [conditionOf(passed)?.status, conditionOf(passed)?.message],
    ['True', 'all checks passed'],
  );
});

test('requests are sent on in the name of who asks', async () => {
  const { code, text } = await ask(`${root}/nodes?limit=5`, {
    headers: { 'x-remote-user': 'root', 'x-remote-group': 'system:masters', 'x-remote-extra-z': 'y' },
  });
  assert.equal(code, 200);
  assert.equal(JSON.parse(text).items.length, 2);
  const headers = extension.asked.get(`${root}/nodes`) as IncomingHttpHeaders;
  const told = Object.entries(headers).filter(([key]) => key.startsWith('x-remote-'));
  assert.deepEqual(Object.fromEntries(told), {
    'x-remote-user': 'admin',
    'x-remote-uid': '7',
    'x-remote-group': 'system:masters, system:authenticated',
    'x-remote-extra-a%2fb': '1, 2',
  });
  assert.equal(headers.authorization, undefined);
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers['x-forwarded-uri'], `${root}/nodes`);
});

test('who may not is refused before anything is sent on', async () => {
  extension.asked.clear();
  const { code } = await ask(`${root}/nodes`, { headers: { authorization: 'Bearer nobody-token' } });
  assert.equal(code, 403);
  assert.equal(extension.asked.size, 0);
});

test('bodies go through as they are, and errors of the server are its own', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(300_000) });
  const made = await ask(
    `${root}/nodes`,
    { method: 'POST', headers: { 'content-type': 'application/json' } },
    body,
  );
  assert.deepEqual([made.code, made.text], [201, body]);
  const options = '{"propagationPolicy":"Orphan"}';
  const headers = { 'transfer-encoding': 'chunked' };
  const deleted = await ask(`${root}/nodes/a`, { method: 'DELETE', headers }, options);
  assert.equal(deleted.text, options);
  const missing = await ask(`${root}/nodes/c`);
  assert.deepEqual([missing.code, JSON.parse(missing.text).reason], [404, 'NotFound']);
});

test('requests over HTTP/2 go through alike', async () => {
  const session = connect(server.url, { ca });
  const text = async (headers: OutgoingHttpHeaders, body?: string): Promise<string> => {
    const endStream = body === undefined;
    const stream = session.request({ authorization: 'Bearer admin-token', ...headers }, { endStream });
    if (!endStream) stream.end(body);
    let read = '';
    for await (const piece of stream.setEncoding('utf8')) read += piece;
    return read;
  };
  const options = '{"propagationPolicy":"Orphan"}';
  assert.equal(await text({ ':method': 'DELETE', ':path': `${root}/nodes/a` }, options), options);
  const list = await text({ ':path': `${root}/nodes` });
  assert.equal(JSON.parse(list).items.length, 2);
  assert.match(await text({ ':path': `${root}/redirect` }), /not permitted/);
  session.close();
});

test('a redirect is not followed', async () => {
  const { code, text } = await ask(`${root}/redirect`);
  assert.equal(code, 502);
  assert.equal(text, 'the backend attempted to redirect this request, which is not permitted');
});

test('requests are in flight side by side', async () => {
  const asked = Array.from({ length: 5 }, () => ask(`${root}/held`));
  while (extension.held() < 5) await ask(`${root}/nodes/a`);
  extension.release();
  assert.deepEqual(
    (await Promise.all(asked)).map(({ code }) => code),
    [200, 200, 200, 200, 200],
  );
});

test('a request whose client leaves is not sent again', async () => {
  await ask(`${root}/nodes/a`);
  const gone = new AbortController();
  const left = open(`${root}/held`, { signal: gone.signal });
  while (extension.held() < 1) await ask(`${root}/nodes/b`);
  gone.abort();
  await assert.rejects(left, { name: 'AbortError' });
  for (let i = 0; i < 5; i++) await ask(`${root}/nodes/a`);
  assert.equal(extension.held(), 1);
  extension.release();
});

test('a watch streams its events, and ends when its client leaves', async () => {
  const answer = await open(`${root}/nodes?watch=true`);
  const first = new Promise<string>((resolve) =>
    answer.once('data', (data: Buffer) => resolve(data.toString())),
  );
  extension.emit({ type: 'ADDED', object: { metadata: { name: 'a' } } });
  assert.equal(JSON.parse(await first).object.metadata.name, 'a');
  const metrics = (await ask('/metrics')).text;
  const lasting = /^apiserver_longrunning_requests\{.*group="metrics.k8s.io".*verb="WATCH".*\} 1$/m;
  assert.match(metrics, lasting);
  assert.match(metrics, /^aggregator_unavailable_apiservice\{name="v1beta1.metrics.k8s.io"\} 0$/m);
  answer.destroy();
  while (extension.watches() > 0) await ask(`${root}/nodes/a`);
});

test('a connection is upgraded and joined', async () => {
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${root}/nodes/a/stream`, {
    ca,
    headers: { authorization: 'Bearer admin-token' },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const answer = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send('hello');
  assert.equal(await answer, 'echo hello');
  assert.equal(extension.asked.get(`${root}/nodes/a/stream`)?.['x-remote-user'], 'admin');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.close();
  await closed;
});

test('discovery shows the group where its priority puts it', async () => {
  const groups = JSON.parse((await ask('/apis')).text).groups.map((one: { name: string }) => one.name);
  assert.equal(groups.at(-1), 'metrics.k8s.io');
  const one = JSON.parse((await ask('/apis/metrics.k8s.io')).text);
  assert.equal(one.preferredVersion.groupVersion, 'metrics.k8s.io/v1beta1');
  const own = JSON.parse((await ask(root)).text);
  assert.equal(own.resources[0].name, 'nodes');
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = JSON.parse((await ask('/apis', { headers: { accept } })).text);
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

/** What aggregated discovery tells of the other server's version. */
async function discovered(): Promise<{ freshness: string; resources: { resource: string }[] }> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { items } = JSON.parse((await ask('/apis', { headers: { accept } })).text);
  return items.at(-1).versions[0];
}

/** Any change of its APIService makes a server be asked anew. */
async function touch(label: string): Promise<void> {
  const current = await client.resource(apiServices).get(name);
  const labelled = { ...current, metadata: { ...current.metadata, labels: { touched: label } } };
  await client.resource(apiServices).update(labelled);
}

test('what a server tells in aggregated form is taken over, and not sent twice', async () => {
  const resources = [{ resource: 'racks', scope: 'Cluster', verbs: ['get'] }];
  extension.aggregated = JSON.stringify({
    items: [
      { metadata: { name: 'other.k8s.io' }, versions: [{ version: 'v1beta1', resources: [] }] },
      { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', resources }] },
    ],
  });
  await touch('once');
  while ((await discovered()).resources[0]?.resource !== 'racks') await ask(`${root}/nodes/a`);
  extension.asked.delete('/apis');
  await touch('twice');
  while (!extension.asked.has('/apis')) await ask(`${root}/nodes/a`);
  assert.equal(extension.asked.get('/apis')?.['if-none-match'], `"${extension.aggregated.length}"`);
  assert.deepEqual(await discovered(), { version: 'v1beta1', resources, freshness: 'Current' });
});

test('OpenAPI tells of both servers', async () => {
  const index = JSON.parse((await ask('/openapi/v3')).text).paths;
  assert.ok(index['apis/apps/v1']);
  const { serverRelativeURL } = index['apis/metrics.k8s.io/v1beta1'];
  assert.equal(JSON.parse((await ask(serverRelativeURL)).text).info.title, 'metrics');
  const swagger = JSON.parse((await ask('/openapi/v2')).text);
  assert.ok(swagger.paths['/api/v1/pods']);
  assert.ok(swagger.paths[`${root}/nodes`]);
  assert.equal(
    swagger.definitions['io.k8s.metrics.NodeMetricsList'].properties.metadata.$ref,
    '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta_v2',
  );
});

test('what a server tells in Swagger alone is told in OpenAPI 3 too', async () => {
  extension.modern = false;
  const current = await client.resource(apiServices).get(name);
  // Another server, for all that is known of this one.
  const service = { ...current['spec'].service, name: 'metrics-2' };
  await client.resource({ group: '', version: 'v1', resource: 'services' }, 'kube-system').create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics-2', namespace: 'kube-system' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await client.resource(apiServices).update({
    ...current,
    spec: { ...current['spec'], service, caBundle: null, insecureSkipTLSVerify: true },
  });
  const key = 'apis/metrics.k8s.io/v1beta1';
  const entry = JSON.parse((await ask('/openapi/v3')).text).paths[key];
  const document = JSON.parse((await ask(entry.serverRelativeURL)).text);
  assert.ok(document.paths[`${root}/nodes`].get.responses[200].content['application/json'].schema);
  assert.ok(document.components.schemas['io.k8s.metrics.NodeMetricsList']);
  extension.modern = true;
  const changed = await client.resource(apiServices).get(name);
  await client.resource(apiServices).update({ ...changed, spec: current['spec'] });
});

test('clients of the same process reach the server too', async () => {
  const metrics = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'nodes' };
  assert.equal((await client.resource(metrics).list()).items[0]?.metadata.name, 'a');
  assert.equal(JSON.parse(await client.transport.raw(root)).resources.length, 2);
  assert.equal(extension.asked.get(root)?.['x-remote-user'], loopbackUser.name);
});

test('a server with a certificate of somebody else is not spoken to', async () => {
  const current = await client.resource(apiServices).get(name);
  const other = new PkiDir(dir, systemClock).authority('other', 'other').certificate;
  await client.resource(apiServices).update({
    ...current,
    spec: { ...current['spec'], caBundle: Buffer.from(other).toString('base64') },
  });
  const { code, text } = await ask(`${root}/nodes`);
  assert.equal(code, 503);
  assert.equal(
    text,
    'error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n',
  );
  const wrong = await client.resource(apiServices).get(name);
  await client
    .resource(apiServices)
    .update({ ...wrong, spec: { ...wrong['spec'], caBundle: extension.caBundle } });
  assert.equal((await ask(`${root}/nodes`)).code, 200);
});

test('a server that dies is found out, and is shown as it was', async () => {
  await extension.close();
  const dead = untilReason('FailedDiscoveryCheck');
  await clock.advance(30_000);
  const condition = conditionOf(await dead);
  const url = `https://localhost:${extension.port}${root}`;
  assert.equal(condition?.status, 'False');
  assert.equal(
    condition?.message,
    `failing or missing response from ${url}: Get "${url}": dial tcp localhost:${extension.port}: connect: connection refused`,
  );
  const refused = await ask(`${root}/nodes`);
  assert.deepEqual([refused.code, refused.text], [503, 'service unavailable\n']);
  await assert.rejects(
    client.transport.raw(root),
    (error) =>
      error instanceof StatusError &&
      error.message === 'the server is currently unable to handle the request',
  );
  const groups = JSON.parse((await ask('/apis')).text).groups;
  assert.equal(groups.at(-1).name, 'metrics.k8s.io');
  while ((await discovered()).freshness !== 'Stale') await ask('/version');
  assert.equal((await discovered()).resources[0]?.resource, 'racks');
});

test('without its APIService the group is gone', async () => {
  await client.resource(apiServices).delete(name);
  assert.equal((await ask(root)).code, 404);
  assert.equal((await ask('/apis/metrics.k8s.io')).code, 404);
});
