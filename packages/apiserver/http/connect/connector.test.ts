import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { Client } from '@coxswain/client';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { WebSocket } from 'ws';
import { loopbackUser } from '../../access/loopback-user.ts';
import type { ApiServer } from '../../apiserver.ts';
import { type TestAnswer, TestListener } from '../testing-listener.ts';

const token = 'root';
let kubelet: TestHttpsServer;
let listener: TestListener;
let api: ApiServer;
const asked: string[] = [];

/** Stands for a kubelet: says what it was asked, and echoes upgraded connections. */
const answer: RequestListener = (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no authorization'}`);
  // A connection that the kubelet gave up while it waited for its next request.
  if (breakReused && seen.has(request.socket)) request.socket.destroy();
  seen.add(request.socket);
  if (refusal !== undefined) response.writeHead(refusal.code).end(refusal.text);
  else response.end('a line of the log\n');
};
const seen = new WeakSet<object>();
let breakReused = false;
let refusal: { code: number; text: string } | undefined;
function upgrade(request: IncomingMessage, socket: Duplex): void {
  asked.push(`${request.method} ${request.url} ${request.headers['x-stream-protocol-version']}`);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
  socket.on('data', (data: Buffer) => socket.end(`echo ${data}`));
}

before(async () => {
  kubelet = await TestHttpsServer.start(answer);
  kubelet.server.on('upgrade', upgrade);
  listener = await TestListener.start();
  api = listener.server;
  const client = new Client(api.loopback(loopbackUser));
  await client.resource({ group: '', version: 'v1', resource: 'nodes' }).create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
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
  await listener.close();
  await kubelet.close();
});

const read = (path: string): Promise<TestAnswer> => listener.askHttp1(path);

test("Connector.request() reads a container's log at its kubelet without the caller's credentials", async () => {
  const { code, body } = await read('/api/v1/namespaces/default/pods/p/log?container=b&tailLines=5');
  assert.deepEqual({ code, body }, { code: 200, body: 'a line of the log\n' });
  assert.equal(asked.at(-1), 'GET /containerLogs/default/p/b?tailLines=5 no authorization');
});

test('Connector.request() asks for a container when the pod has several', async () => {
  const { code, body } = await read('/api/v1/namespaces/default/pods/p/log');
  assert.equal(code, 400);
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
  assert.deepEqual([second.code, second.body], [200, 'a line of the log\n']);
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
