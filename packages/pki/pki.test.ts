import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { systemClock, VirtualClock } from '@coxswain/machinery';
import {
  createCertificateRequest,
  decodePem,
  generateKey,
  PkiDir,
  readCertificate,
  readCertificateRequest,
} from './mod.ts';

const day = 24 * 3_600_000;

function scratch(t: { after(fn: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'pki-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return join(dir, 'pki');
}

test('PkiDir gives certificates that TLS accepts on both sides', async (t) => {
  const pki = new PkiDir(scratch(t), systemClock);
  const ca = pki.authority('ca', 'kubernetes');
  const serving = pki.leaf('apiserver', ca, {
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    altNames: ['kubernetes.default', '127.0.0.1', '::1', '10.96.0.1'],
  });
  const admin = pki.leaf('admin', ca, {
    subject: { commonName: 'kubernetes-admin', organizations: ['system:masters', 'ops'], uid: 'u-1' },
    usages: ['client'],
  });
  const server = createServer({
    key: serving.key,
    cert: serving.certificate,
    ca: ca.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const seen = new Promise<Buffer>((resolve) => {
    server.on('secureConnection', (socket) => {
      resolve(socket.getPeerCertificate().raw);
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = connect({
    port,
    host: '127.0.0.1',
    ca: ca.certificate,
    key: admin.key,
    cert: admin.certificate,
  });
  const facts = readCertificate(await seen);
  client.destroy();
  server.close();
  assert.deepEqual(facts.subject, {
    commonName: 'kubernetes-admin',
    organizations: ['system:masters', 'ops'],
    uid: 'u-1',
  });
  assert.equal(facts.issuedBy(ca.certificate), true);
  assert.match(new X509Certificate(serving.certificate).subjectAltName ?? '', /IP Address:10\.96\.0\.1/);
});

test('PkiDir keeps what is good and renews what is near its end', (t) => {
  const dir = scratch(t);
  const clock = new VirtualClock();
  const options = { subject: { commonName: 'x' }, usages: ['client'] as const };
  const first = new PkiDir(dir, clock).leaf('x', new PkiDir(dir, clock).authority('ca', 'c'), options);
  const again = new PkiDir(dir, clock);
  assert.deepEqual(again.leaf('x', again.authority('ca', 'c'), options), first);
  assert.equal(statSync(again.keyPath('x')).mode & 0o777, 0o600);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  const later = new PkiDir(dir, new VirtualClock(clock.now() + 300 * day));
  assert.notDeepEqual(later.leaf('x', later.authority('ca', 'c'), options), first);
});

test('PkiDir issues anew when a name is missing', (t) => {
  const pki = new PkiDir(scratch(t), systemClock);
  const ca = pki.authority('ca', 'c');
  const options = { subject: { commonName: 's' }, usages: ['server'] as const };
  const first = pki.leaf('s', ca, { ...options, altNames: ['a.example', 'fd00::1'] });
  assert.deepEqual(pki.leaf('s', ca, { ...options, altNames: ['fd00::1'] }), first);
  assert.notDeepEqual(pki.leaf('s', ca, { ...options, altNames: ['b.example'] }), first);
});

test('PkiDir never replaces an authority', (t) => {
  const pki = new PkiDir(scratch(t), systemClock);
  const { certificate } = pki.authority('ca', 'c');
  assert.equal(pki.authority('ca', 'c').certificate, certificate);
  pki.authority('other', 'o');
  const key = readFileSync(pki.keyPath('ca'));
  const refused = (code: string, message: RegExp): void =>
    assert.throws(() => pki.authority('ca', 'c'), { name: 'PkiDirError', code, message });
  writeFileSync(pki.keyPath('ca'), readFileSync(pki.keyPath('other')));
  refused('PKI_DAMAGED', /ca\.key" is the key of another$/);
  writeFileSync(pki.keyPath('ca'), 'nothing');
  refused('PKI_DAMAGED', /^read the key ".*ca\.key"/);
  rmSync(pki.keyPath('ca'));
  refused('PKI_INCOMPLETE', /its key ".*ca\.key" is missing$/);
  writeFileSync(pki.keyPath('ca'), key);
  writeFileSync(pki.certificatePath('ca'), 'nothing');
  refused('PKI_DAMAGED', /^read the authority ".*ca\.crt"/);
  assert.equal(readFileSync(pki.certificatePath('ca'), 'utf8'), 'nothing');
});

test('PkiDir gives a key without a certificate another one', (t) => {
  const pki = new PkiDir(scratch(t), systemClock);
  const leaf = pki.leaf('x', pki.authority('ca', 'c'), { subject: { commonName: 'x' }, usages: ['client'] });
  rmSync(pki.certificatePath('ca'));
  const again = pki.authority('ca', 'c');
  const der = decodePem(leaf.certificate)[0]?.der as Uint8Array;
  assert.equal(readCertificate(der).issuedBy(again.certificate), true);
});

test('PkiDir issues anew what is no certificate', (t) => {
  const pki = new PkiDir(scratch(t), systemClock);
  const ca = pki.authority('ca', 'c');
  const options = { subject: { commonName: 'x' }, usages: ['client'] } as const;
  const { certificate } = pki.leaf('x', ca, options);
  const torn = ['-----BEGIN CERTIFICATE-----', 'AAAA', '-----END CERTIFICATE-----', ''].join('\n');
  for (const damaged of ['nothing', torn]) {
    writeFileSync(pki.certificatePath('x'), damaged);
    assert.notEqual(pki.leaf('x', ca, options).certificate, certificate);
  }
});

test('readCertificateRequest() gives back what createCertificateRequest() wrote', () => {
  const pem = createCertificateRequest(
    generateKey(),
    { commonName: 'system:node:n1', organizations: ['system:nodes'] },
    ['n1', '10.0.0.1'],
  );
  const facts = readCertificateRequest(decodePem(pem)[0]!.der);
  assert.deepEqual(facts.subject, { commonName: 'system:node:n1', organizations: ['system:nodes'] });
  assert.deepEqual(facts.dnsNames, ['n1']);
  assert.deepEqual(facts.ipAddresses, ['10.0.0.1']);
});

test('readCertificateRequest() refuses a request whose signature does not hold', () => {
  const der = decodePem(createCertificateRequest(generateKey(), { commonName: 'abc' }))[0]!.der;
  const at = der.indexOf('abc');
  der.write('abd', at);
  assert.throws(() => readCertificateRequest(der), /signature does not hold/);
});
