import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { startTestServer } from '../../testing-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-tls-'));
const pki = new PkiDir(dir, systemClock);
const ca = pki.authority('ca', 'ca');
const serving = (name: string) =>
  pki.leaf(name, ca, { subject: { commonName: name }, usages: ['server'], altNames: [name] });
const [usual, other] = [serving('usual'), serving('other')];
let started: Awaited<ReturnType<typeof startTestServer>>;

before(async () => {
  started = await startTestServer({
    listen: {
      host: '127.0.0.1',
      port: 0,
      cert: usual.certificate,
      key: usual.key,
      clientCA: ca.certificate,
      tls: {
        minVersion: 'TLSv1.3',
        http1Only: true,
        named: [{ cert: other.certificate, key: other.key, names: ['other', '*.example.com'] }],
      },
    },
  });
});

after(async () => {
  await started.close();
  rmSync(dir, { recursive: true });
});

/** The name of the certificate that greets a client, the protocol and the version; or why there is none. */
function greeting(
  options: ConnectionOptions,
): Promise<readonly [string, string | false | null, string | null]> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: started.server.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...options,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const name = String(socket.getPeerCertificate().subject.CN);
      resolve([name, socket.alpnProtocol, socket.getProtocol()]);
      socket.destroy();
    });
  });
}

describe('TlsSettings', () => {
  test('greet clients by the name that they ask for', async () => {
    assert.deepEqual(await greeting({}), ['usual', 'http/1.1', 'TLSv1.3']);
    assert.equal((await greeting({ servername: 'other' }))[0], 'other');
    assert.equal((await greeting({ servername: 'a.example.com' }))[0], 'other');
    assert.equal((await greeting({ servername: 'b.a.example.com' }))[0], 'usual');
  });

  test('refuse what is older', async () => {
    await assert.rejects(greeting({ maxVersion: 'TLSv1.2' }), {
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    });
  });
});
