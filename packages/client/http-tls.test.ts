import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { httpTransport } from './http-transport.ts';
import { ConnectionError } from './response-error.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-tls-'));
const pki = new PkiDir(dir, systemClock);
const issuer = pki.authority('ca', 'test-ca');
const ca = issuer.certificate;
const client = pki.leaf('client', issuer, { subject: { commonName: 'jane' }, usages: ['client'] });
const handshakes = new Set<unknown>();
let server: https.Server;
let port = 0;

before(async () => {
  const leaf = pki.leaf('server', issuer, {
    subject: { commonName: 'server' },
    usages: ['server'],
    altNames: ['kube.test', '127.0.0.1'],
  });
  server = https.createServer(
    { key: leaf.key, cert: leaf.certificate, ca, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      handshakes.add(request.socket);
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      response.end(`${peer.subject?.CN ?? 'nobody'} at ${request.url}`);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

it('a client certificate says who asks, and requests share one connection', async () => {
  const transport = httpTransport({
    server: `https://127.0.0.1:${port}/prefix/`,
    ca,
    cert: client.certificate,
    key: client.key,
  });
  handshakes.clear();
  for (let i = 0; i < 5; i++) assert.equal(await transport.raw('/healthz'), 'jane at /prefix/healthz');
  assert.equal(handshakes.size, 1);
  transport.close();
});

it('a server that the authority does not vouch for, or for another name, is refused', async () => {
  const other = new PkiDir(join(dir, 'other'), systemClock).authority('ca', 'other-ca').certificate;
  const bad = httpTransport({ server: `https://127.0.0.1:${port}`, ca: other });
  await assert.rejects(bad.raw('/'), (error) => error instanceof ConnectionError && error.code === 'BROKEN');
  const named = httpTransport({ server: `https://127.0.0.1:${port}`, ca, tlsServerName: 'another.test' });
  await assert.rejects(named.raw('/'), /another\.test/);
  const right = httpTransport({ server: `https://127.0.0.1:${port}`, ca, tlsServerName: 'kube.test' });
  assert.equal(await right.raw('/'), 'nobody at /');
  const trusting = httpTransport({ server: `https://127.0.0.1:${port}`, insecureSkipTlsVerify: true });
  assert.equal(await trusting.raw('/'), 'nobody at /');
  right.close();
  trusting.close();
});
