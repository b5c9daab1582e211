import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, it } from 'node:test';
import { isGone, StatusError, VirtualClock } from '@coxswain/machinery';
import { httpTransport } from './http-transport.ts';
import { ConnectionError } from './response-error.ts';
import type { WatchEvent } from './transport.ts';

const servers: http.Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const pods = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };

it('request() sends method, path, query, agent, token and body', async () => {
  const seen: unknown[] = [];
  const server = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { authorization, 'content-type': type, 'user-agent': agent } = request.headers;
    seen.push([request.method, request.url, authorization, type, agent, Buffer.concat(chunks).toString()]);
    response.end('{"kind":"Pod","apiVersion":"v1","metadata":{}}');
  });
  const transport = httpTransport({ server, token: 'secret', userAgent: 'kubelet/v1' });
  await transport.request({
    ...pods,
    verb: 'patch',
    name: 'web',
    subresource: 'status',
    patchType: 'application/merge-patch+json',
    options: { fieldManager: 'm', dryRun: 'All' },
    body: { a: 1 },
  });
  await transport.request({ ...pods, verb: 'delete', name: 'web', body: { gracePeriodSeconds: 0 } });
  assert.deepEqual(seen, [
    [
      'PATCH',
      '/api/v1/namespaces/default/pods/web/status?dryRun=All&fieldManager=m',
      'Bearer secret',
      'application/merge-patch+json',
      'kubelet/v1',
      '{"a":1}',
    ],
    [
      'DELETE',
      '/api/v1/namespaces/default/pods/web',
      'Bearer secret',
      'application/json',
      'kubelet/v1',
      '{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}',
    ],
  ]);
  transport.close();
});

it('request() gives the items of a list their kind', async () => {
  const server = await serve((_, response) => {
    response.end('{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"a"}}]}');
  });
  const transport = httpTransport({ server });
  const list = await transport.request({ ...pods, verb: 'list' });
  assert.deepEqual(list['items'], [{ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }]);
  transport.close();
});

it('request() makes a StatusError of an answer without a Status', async () => {
  const server = await serve((_, response) => response.writeHead(404).end('404 page not found\n'));
  const transport = httpTransport({ server });
  await assert.rejects(transport.request({ ...pods, verb: 'get', name: 'web' }), (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.message, 'the server could not find the requested resource (get pods web)');
    assert.equal(error.reason, 'NotFound');
    return true;
  });
  transport.close();
});

it('request() waits as long as a 429 asks and sends again', async () => {
  let calls = 0;
  const server = await serve((_, response) => {
    calls++;
    if (calls === 1) response.writeHead(429, { 'retry-after': '7' }).end('slow down');
    else response.end('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"}}');
  });
  const clock = new VirtualClock();
  const transport = httpTransport({ server, clock, requestTimeoutMs: 0 });
  const answer = transport.request({ ...pods, verb: 'get', name: 'web' });
  while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(6_999);
  assert.equal(calls, 1);
  await clock.advance(1);
  assert.equal((await answer).metadata['name' as never], 'web');
  transport.close();
});

it('request() gives up when the answer takes too long', async () => {
  const server = await serve(() => {});
  const clock = new VirtualClock();
  const transport = httpTransport({ server, clock, requestTimeoutMs: 5_000 });
  const answer = transport.request({ ...pods, verb: 'get', name: 'web' });
  const failed = assert.rejects(answer, (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, 'TIMEOUT');
    assert.match(error.message, /GET http:.*web: no answer within 5 s/);
    return true;
  });
  await clock.advance(5_000);
  await failed;
  transport.close();
});

it('request() says REFUSED when nobody listens', async () => {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const transport = httpTransport({ server: `http://127.0.0.1:${port}` });
  await assert.rejects(
    transport.request({ ...pods, verb: 'list' }),
    (error) => error instanceof ConnectionError && error.code === 'REFUSED',
  );
});

it('watch() frames events however the bytes are cut', async () => {
  const names = ['plain', 'ünïcode €', 'x'.repeat(5_000)];
  const line = (name: string): string =>
    `${JSON.stringify({ type: 'ADDED', object: { kind: 'Pod', metadata: { name } } })}\n`;
  const bytes = Buffer.from(names.map(line).join(''));
  const server = await serve(async (request, response) => {
    assert.equal(new URL(request.url ?? '', 'http://x').searchParams.get('watch'), 'true');
    for (let at = 0; at < bytes.length; at += 7) {
      if (!response.write(bytes.subarray(at, at + 7))) await once(response, 'drain');
    }
    response.end();
  });
  const transport = httpTransport({ server });
  const seen: WatchEvent[] = [];
  await transport.watch({ ...pods, onEvent: (event) => seen.push(event) });
  assert.deepEqual(
    seen.map((event) => (event.object as { metadata: { name: string } }).metadata.name),
    names,
  );
  transport.close();
});

it('watch() ends with an ERROR event, and rejects on an error answer and on a broken stream', async () => {
  const gone =
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Expired","code":410}';
  const server = await serve((request, response) => {
    if (request.url?.includes('event')) response.write(`{"type":"ERROR","object":${gone}}\n`);
    else if (request.url?.includes('answer')) response.writeHead(410).end(gone);
    else {
      response.write('{"type":"ADDED","obj');
      setImmediate(() => response.destroy());
    }
  });
  const transport = httpTransport({ server });
  const seen: string[] = [];
  const onEvent = (event: WatchEvent): void => void seen.push(event.type);
  await transport.watch({ ...pods, options: { fieldSelector: 'event' }, onEvent });
  assert.deepEqual(seen, ['ERROR']);
  await assert.rejects(transport.watch({ ...pods, options: { fieldSelector: 'answer' }, onEvent }), isGone);
  await assert.rejects(transport.watch({ ...pods, onEvent }), ConnectionError);
  transport.close();
});

it('an impersonated user has extra fields, their names escaped', async () => {
  let seen: http.IncomingHttpHeaders = {};
  const server = await serve((request, response) => {
    seen = request.headers;
    response.end('ok');
  });
  const extra = { 'example.com/Scopes': ['a', 'b'] };
  await httpTransport({ server, impersonate: { user: 'ann', extra } }).raw('/');
  assert.equal(seen['impersonate-user'], 'ann');
  assert.equal(seen['impersonate-extra-example.com%2fscopes'], 'a, b');
});

it('a rate limit holds requests back', async () => {
  const server = await serve((_, response) => response.end('ok'));
  const clock = new VirtualClock();
  const transport = httpTransport({ server, clock, rateLimit: { qps: 1, burst: 1 } });
  await transport.raw('/');
  let answered = false;
  const second = transport.raw('/').then(() => {
    answered = true;
  });
  await clock.advance(999);
  assert.equal(answered, false);
  await clock.advance(1);
  await second;
});
