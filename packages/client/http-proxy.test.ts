import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { proxyFromEnvironment } from './http-proxy.ts';
import { httpTransport } from './http-transport.ts';

const servers: http.Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: http.Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a transport with a proxy', () => {
  it('reaches the server through a tunnel, with TLS from end to end', async () => {
    const server = await TestHttpsServer.start((_, response) => response.end('ok'), {
      altNames: ['api.example'],
    });
    after(() => server.close());
    const asked: (string | undefined)[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url, request.headers['proxy-authorization']);
      const upstream = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket);
        socket.pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on('error', () => end.destroy());
    });
    const transport = httpTransport({
      server: 'https://api.example:6443',
      ca: server.ca.certificate,
      proxyUrl: `http://ann:s%40cret@127.0.0.1:${await listening(proxy)}`,
    });
    assert.equal(await transport.raw('/healthz'), 'ok');
    transport.close();
    assert.deepEqual(asked, ['api.example:6443', `Basic ${Buffer.from('ann:s@cret').toString('base64')}`]);
  });

  it('tells what the proxy says against it', async () => {
    const proxy = http.createServer();
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    const proxyUrl = `http://127.0.0.1:${await listening(proxy)}`;
    const transport = httpTransport({ server: 'https://api.example', proxyUrl });
    await assert.rejects(transport.raw('/healthz'), /407 Proxy Authentication Required/);
  });
});

describe('proxyFromEnvironment()', () => {
  const env = (noProxy: string) => ({
    HTTPS_PROXY: 'proxy:3128',
    HTTP_PROXY: 'http://plain',
    NO_PROXY: noProxy,
  });
  const cases: readonly (readonly [server: string, noProxy: string, proxy: string | undefined])[] = [
    ['https://api.example:6443', '', 'http://proxy:3128'],
    ['http://api.example', '', 'http://plain'],
    ['https://localhost:6443', '', undefined],
    ['https://127.0.0.1:6443', '', undefined],
    ['https://[::1]:6443', '', undefined],
    ['https://api.example', 'other, example', undefined],
    ['https://api.example', '.example', undefined],
    ['https://example', '.example', 'http://proxy:3128'],
    ['https://api.example:6443', 'api.example:443', 'http://proxy:3128'],
    ['https://10.1.2.3', '10.0.0.0/8', undefined],
    ['https://11.1.2.3', '10.0.0.0/8', 'http://proxy:3128'],
    ['https://api.example', '*', undefined],
  ];
  for (const [server, noProxy, proxy] of cases) {
    it(`gives ${proxy} for ${server} when NO_PROXY is "${noProxy}"`, () => {
      assert.equal(proxyFromEnvironment(server, env(noProxy)), proxy);
    });
  }
});
