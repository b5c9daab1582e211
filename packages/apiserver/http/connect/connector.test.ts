import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { Client } from '@coxswain/client';
import { systemClock } from '@coxswain/machinery';
import { type KeyAndCertificate, PkiDir } from '@coxswain/pki';
import { WebSocket } from 'ws';
import { loopbackUser } from '../../access/loopback-user.ts';
import type { ApiServer } from '../../apiserver.ts';
import { startTestServer } from '../../testing-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-connector-'));
const token = 'admin-token';
let leaf: KeyAndCertificate;
let api: ApiServer;
let closeApi: () => Promise<void>;
const asked: string[] = [];

/** Stands for a kubelet: says what it was asked, and echoes upgraded connections. */
const kubelet = createServer({}, (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no authorization'}`);
  // A connection that the kubelet gave up while it waited for its next request.
  if (breakReused && seen.has(request.socket)) request.socket.destroy();
  seen.add(request.socket);
  if (refusal !== undefined) response.writeHead(refusal.code).end(refusal.text);
  else response.end('a line of the log\n');
});
const seen = new WeakSet<object>();
let breakReused = false;
let refusal: { code: number; text: string } | undefined;
kubelet.on('upgrade', (request, socket) => {
  asked.push(`${request.method} ${request.url} ${request.headers['x-stream-protocol-version']}`);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
  socket.on('data', (data: Buffer) => socket.end(`echo ${data}`));
});

before(async () => {
  const pki = new PkiDir(dir, systemClock);
  const ca = pki.authority('ca', 'test');
  leaf = pki.leaf('server', ca, {
    subject: { commonName: 'server' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  kubelet.setSecureContext({ cert: leaf.certificate, key: leaf.key });
  await new Promise<void>((resolve) => kubelet.listen(0, '127.0.0.1', resolve));
  const started = await startTestServer({
    listen: { host: '127.0.0.1', port: 0, cert: leaf.certificate, key: leaf.key, clientCA: ca.certificate },
    access: { staticTokens: new Map([[token, { name: 'admin', groups: ['system:masters'] }]]) },
  });
  api = started.server;
  closeApi = started.close;
  const client = new Client(api.loopback(loopbackUser));
  await client.resource({ group: '', version: 'v1', resource: 'nodes' }).create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: (kubelet.address() as AddressInfo).port } },
    },
  });
  await client.resource({ group: '', version: 'v1', resource: 'pods' }, 'default').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: {
      nodeName: 'n',
      containers: [
        { name: 'a', image: 'i' },
        { name: 'b', image: 'i' },
      ],
    },
  });
});

after(async () => {
  await closeApi();
  kubelet.closeAllConnections();
  await new Promise((resolve) => kubelet.close(resolve));
  rmSync(dir, { recursive: true });
});

function read(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: api.port,
      path,
      headers: { authorization: `Bearer ${token}` },
      rejectUnauthorized: false,
      agent: false,
    };
    get(options, (answer) => {
      let body = '';
      answer.on('data', (chunk) => (body += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

test("Connector.request() reads a container's log at its kubelet without the caller's credentials", async () => {
  const { status, body } = await read('/api/v1/namespaces/default/pods/p/log?container=b&tailLines=5');
  assert.deepEqual({ status, body }, { status: 200, body: 'a line of the log\n' });
  assert.equal(asked.at(-1), 'GET /containerLogs/default/p/b?tailLines=5 no authorization');
});

test('Connector.request() asks for a container when the pod has several', async () => {
  const { status, body } = await read('/api/v1/namespaces/default/pods/p/log');
  assert.equal(status, 400);
  assert.equal(
    JSON.parse(body).message,
    'a container name must be specified for pod p, choose one of: [a b]',
  );
});

test('Connector.request() asks again when a kept connection to the kubelet was closed meanwhile', async () => {
  const path = '/api/v1/namespaces/default/pods/p/log?container=a';
  await read(path);
  breakReused = true;
  const second = await read(path);
  breakReused = false;
  assert.deepEqual(second, { status: 200, body: 'a line of the log\n' });
});

test('Connector.request() makes a Status of what the kubelet refuses', async () => {
  const path = '/api/v1/namespaces/default/pods/p/log?container=a';
  const statusOf = async (code: number, text: string) => {
    refusal = { code, text };
    const { message, reason, code: told } = JSON.parse((await read(path)).body);
    refusal = undefined;
    return { message, reason, code: told };
  };
  assert.deepEqual(await statusOf(400, 'container "a" is waiting to start'), {
    message: 'container "a" is waiting to start',
    reason: 'BadRequest',
    code: 400,
  });
  assert.deepEqual(await statusOf(500, 'broken'), {
    message: 'Internal error occurred: broken',
    reason: 'InternalError',
    code: 500,
  });
  assert.deepEqual(await statusOf(404, 'no such pod'), {
    message: 'the server could not find the requested resource ( pods/log p)',
    reason: 'NotFound',
    code: 404,
  });
});

test('Connector.upgrade() passes the bytes of an exec through in both directions', async () => {
  const socket = connect({
    host: '127.0.0.1',
    port: api.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  socket.write(
    'POST /api/v1/namespaces/default/pods/p/exec?container=a&command=ls&command=-l&stdin=true&stdout=true HTTP/1.1\r\n' +
      `Host: x\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n` +
      'X-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
  );
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text.endsWith('\r\n\r\n')) socket.write('hello');
  }
  assert.match(text, /^HTTP\/1.1 101 Switching Protocols\r\n/);
  assert.ok(text.endsWith('echo hello'));
  assert.equal(
    asked.at(-1),
    'POST /exec/default/p/a?input=1&output=1&command=ls&command=-l v4.channel.k8s.io',
  );
});

function logOver(protocol: string): Promise<{ status: number; protocol: string; messages: string[] }> {
  return new Promise((resolve, reject) => {
    const client = new WebSocket(
      `wss://127.0.0.1:${api.port}/api/v1/namespaces/default/pods/p/log?container=a`,
      protocol,
      { headers: { authorization: `Bearer ${token}` }, rejectUnauthorized: false },
    );
    const messages: string[] = [];
    client.on('message', (data: Buffer) => messages.push(data.toString('utf8')));
    client.on('close', () => resolve({ status: 101, protocol: client.protocol, messages }));
    client.on('unexpected-response', (_, answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, protocol: '', messages });
    });
    client.on('error', reject);
  });
}

test("Connector.upgrade() sends a container's log over a WebSocket, after an empty message", async () => {
  for (const [protocol, text] of [
    ['binary.k8s.io', 'a line of the log\n'],
    ['base64.binary.k8s.io', Buffer.from('a line of the log\n').toString('base64')],
  ] as const) {
    const answer = await logOver(protocol);
    assert.deepEqual(answer, { status: 101, protocol, messages: ['', text] });
  }
});

test('Connector.upgrade() refuses a log in a protocol that it does not speak', async () => {
  assert.equal((await logOver('other.example.com')).status, 400);
});
