import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Aggregation, root } from './testing-aggregation.ts';

let at: Aggregation;

before(async () => {
  at = await Aggregation.start();
  await at.ready();
});

after(() => at.stop());

test('requests are sent on in the name of who asks', async () => {
  const { code, body: text } = await at.ask(`${root}/nodes?limit=5`, {
    headers: { 'x-remote-user': 'root', 'x-remote-group': 'system:masters', 'x-remote-extra-z': 'y' },
  });
  assert.equal(code, 200);
  assert.equal(JSON.parse(text).items.length, 2);
  const headers = at.extension.asked.get(`${root}/nodes`) as IncomingHttpHeaders;
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
  at.extension.asked.clear();
  const { code } = await at.ask(`${root}/nodes`, { headers: { authorization: 'Bearer nobody-token' } });
  assert.equal(code, 403);
  assert.equal(at.extension.asked.size, 0);
});

test('bodies go through as they are, and errors of the server are its own', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(300_000) });
  const made = await at.ask(
    `${root}/nodes`,
    { method: 'POST', headers: { 'content-type': 'application/json' } },
    body,
  );
  assert.deepEqual([made.code, made.body], [201, body]);
  const options = '{"propagationPolicy":"Orphan"}';
  const headers = { 'transfer-encoding': 'chunked' };
  const deleted = await at.ask(`${root}/nodes/a`, { method: 'DELETE', headers }, options);
  assert.equal(deleted.body, options);
  const missing = await at.ask(`${root}/nodes/c`);
  assert.deepEqual([missing.code, JSON.parse(missing.body).reason], [404, 'NotFound']);
});

test('requests over HTTP/2 go through alike', async () => {
  const session = connect(at.server.url, { ca: at.ca });
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
  const { code, body: text } = await at.ask(`${root}/redirect`);
  assert.equal(code, 502);
  assert.equal(text, 'the backend attempted to redirect this request, which is not permitted');
});

test('requests are in flight side by side', async () => {
  const asked = Array.from({ length: 5 }, () => at.ask(`${root}/held`));
  while (at.extension.held() < 5) await at.ask(`${root}/nodes/a`);
  at.extension.release();
  assert.deepEqual(
    (await Promise.all(asked)).map(({ code }) => code),
    [200, 200, 200, 200, 200],
  );
});

test('a request whose client leaves is not sent again', async () => {
  await at.ask(`${root}/nodes/a`);
  const gone = new AbortController();
  const left = at.open(`${root}/held`, { signal: gone.signal });
  while (at.extension.held() < 1) await at.ask(`${root}/nodes/b`);
  gone.abort();
  await assert.rejects(left, { name: 'AbortError' });
  for (let i = 0; i < 5; i++) await at.ask(`${root}/nodes/a`);
  assert.equal(at.extension.held(), 1);
  at.extension.release();
});

test('a watch streams its events, and ends when its client leaves', async () => {
  const answer = await at.open(`${root}/nodes?watch=true`);
  const first = new Promise<string>((resolve) =>
    answer.once('data', (data: Buffer) => resolve(data.toString())),
  );
  at.extension.emit({ type: 'ADDED', object: { metadata: { name: 'a' } } });
  assert.equal(JSON.parse(await first).object.metadata.name, 'a');
  const metrics = (await at.ask('/metrics')).body;
  const lasting = /^apiserver_longrunning_requests\{.*group="metrics.k8s.io".*verb="WATCH".*\} 1$/m;
  assert.match(metrics, lasting);
  assert.match(metrics, /^aggregator_unavailable_apiservice\{name="v1beta1.metrics.k8s.io"\} 0$/m);
  answer.destroy();
  while (at.extension.watches() > 0) await at.ask(`${root}/nodes/a`);
});

test('a connection is upgraded and joined', async () => {
  const socket = new WebSocket(`${at.server.url.replace('https', 'wss')}${root}/nodes/a/stream`, {
    ca: at.ca,
    headers: { authorization: 'Bearer admin-token' },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const answer = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send('hello');
  assert.equal(await answer, 'echo hello');
  assert.equal(at.extension.asked.get(`${root}/nodes/a/stream`)?.['x-remote-user'], 'admin');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.close();
  await closed;
});
