import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { systemClock } from '@coxswain/machinery';
import { exchange, type WebhookAnswer } from './exchange.ts';

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

const send =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): Serve =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

describe('exchange()', () => {
  const paths = new Map<string, Serve>();
  let server: Server;
  let origin: string;
  let seen: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
        (paths.get(request.url ?? '') ?? send(404, {}))(request, response);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen = [];
  });

  const post = (path: string, timeoutMs = 10_000): Promise<WebhookAnswer> => {
    const url = new URL(path, origin);
    const endpoint = { url, authority: url.host, ca: '' };
    return exchange({ endpoint, url, body: Buffer.from('{}'), as: {} }, timeoutMs, systemClock);
  };

  test('goes where it is sent on to, with what it brings or without, as the code says', async () => {
    paths.set('/there', send(200, { 'content-type': 'application/json' }, '{"a":1}'));
    paths.set('/moved', send(302, { location: '/there' }));
    paths.set('/kept', send(307, { location: '/there' }));
    assert.equal((await post('/moved')).body.toString(), '{"a":1}');
    assert.equal((await post('/kept')).status, 200);
    assert.deepEqual(seen, ['POST /moved {}', 'GET /there ', 'POST /kept {}', 'POST /there {}']);
  });

  test('goes in no circle', async () => {
    paths.set('/circle', send(307, { location: '/circle' }));
    await assert.rejects(post('/circle'), { message: 'Post "/circle": stopped after 10 redirects' });
    assert.equal(seen.length, 10);
  });

  test('takes an answer that names no other place as it is', async () => {
    paths.set('/nowhere', send(302, {}, 'moved'));
    assert.equal((await post('/nowhere')).status, 302);
  });

  test('tries again when it is asked to, as long as it is', async () => {
    let busy = 2;
    paths.set('/busy', (request, response) => {
      busy -= 1;
      send(busy < 0 ? 200 : 503, busy < 0 ? {} : { 'retry-after': '0' })(request, response);
    });
    assert.equal((await post('/busy')).status, 200);
    assert.equal(seen.length, 3);
    paths.set('/full', send(429, { 'retry-after': '0' }));
    assert.equal((await post('/full')).status, 429);
    assert.equal(seen.length, 3 + 11);
  });

  test('does not try again what it may not', async () => {
    paths.set('/bad', send(400, { 'retry-after': '0' }));
    paths.set('/later', send(503, { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }));
    assert.equal((await post('/bad')).status, 400);
    assert.equal((await post('/later')).status, 503);
    assert.equal(seen.length, 2);
  });

  test('reads what is compressed', async () => {
    paths.set('/zipped', send(200, { 'content-encoding': 'gzip' }, gzipSync('{"b":2}')));
    assert.equal((await post('/zipped')).body.toString(), '{"b":2}');
  });

  test("tells in Go's words what went wrong", async () => {
    const url = `${origin}/x`;
    paths.set('/x', (request) => void request.socket.destroy());
    await assert.rejects(post('/x'), { message: `Post "${url}": EOF` });
    paths.set('/x', () => {});
    await assert.rejects(post('/x', 50), { message: `Post "${url}": context deadline exceeded` });
    const unread = 'unexpected error when reading response body. Please retry. Original error:';
    paths.set('/x', (_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('{', () => response.destroy());
    });
    await assert.rejects(post('/x'), { message: `${unread} unexpected EOF` });
    paths.set('/x', (_, response) => {
      response.writeHead(200).flushHeaders();
    });
    await assert.rejects(post('/x', 50), { message: `${unread} context deadline exceeded` });
  });
});
