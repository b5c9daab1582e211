import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { httpTransport } from './http-transport.ts';
import { ConnectionError } from './response-error.ts';

const handshakes = new Set<unknown>();
const clientDir = mkdtempSync(join(tmpdir(), 'coxswain-tls-'));
const clientIssuer = new PkiDir(clientDir, systemClock).authority('ca', 'clients');
let server: TestHttpsServer;

before(async () => {
  server = await TestHttpsServer.start(
    (request, response) => {
      handshakes.add(request.socket);
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      response.end(`${peer.subject?.CN ?? 'nobody'} at ${request.url}`);
    },
    { altNames: ['kube.test', '127.0.0.1'], clientCa: clientIssuer.certificate },
  );
});
after(async () => {
  await server.close();
  rmSync(clientDir, { recursive: true, force: true });
});

it('a client certificate says who asks, and requests share one connection', async () => {
  const client = new PkiDir(clientDir, systemClock).leaf('client', clientIssuer, {
    subject: { commonName: 'jane' },
    usages: ['client'],
  });
  const transport = httpTransport({
    server: `${server.url}/prefix/`,
    ca: server.ca.certificate,
    cert: client.certificate,
    key: client.key,
  });
  handshakes.clear();
  for (let i = 0; i < 5; i++) assert.equal(await transport.raw('/healthz'), 'jane at /prefix/healthz');
  assert.equal(handshakes.size, 1);
  transport.close();
});

it('a server that the authority does not vouch for, or for another name, is refused', async () => {
  const at = { server: server.url, ca: server.ca.certificate };
  const bad = httpTransport({ ...at, ca: clientIssuer.certificate });
  await assert.rejects(bad.raw('/'), (error) => error instanceof ConnectionError && error.code === 'BROKEN');
  const named = httpTransport({ ...at, tlsServerName: 'another.test' });
  await assert.rejects(named.raw('/'), /another\.test/);
  const right = httpTransport({ ...at, tlsServerName: 'kube.test' });
  assert.equal(await right.raw('/'), 'nobody at /');
  const trusting = httpTransport({ server: server.url, insecureSkipTlsVerify: true });
  assert.equal(await trusting.raw('/'), 'nobody at /');
  right.close();
  trusting.close();
});
