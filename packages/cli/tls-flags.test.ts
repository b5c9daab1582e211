import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { parseFlags } from './flags.ts';
import { tlsFlags, tlsFromFlags } from './tls-flags.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-tls-flags-'));
after(() => rmSync(dir, { recursive: true }));

const from = (...argv: string[]) => tlsFromFlags(parseFlags(argv, tlsFlags));

describe('tlsFromFlags()', () => {
  test('says nothing where no flag does', () => {
    assert.equal(from(), undefined);
  });

  test("knows Go's names", () => {
    assert.deepEqual(
      from(
        '--tls-min-version=VersionTLS13',
        '--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      ),
      { minVersion: 'TLSv1.3', ciphers: ['ECDHE-RSA-AES256-GCM-SHA384'], http1Only: false, named: [] },
    );
    assert.throws(() => from('--tls-min-version=TLS13'), { message: 'error: unknown tls version "TLS13"' });
    assert.throws(() => from('--tls-cipher-suites=NONE'), {
      message: "error: Cipher suite NONE not supported or doesn't exist",
    });
  });

  test('reads the names of a certificate where none are given', () => {
    const pki = new PkiDir(join(dir, 'pki'), systemClock);
    const leaf = pki.leaf('leaf', pki.authority('ca', 'ca'), {
      subject: { commonName: 'own' },
      usages: ['server'],
      altNames: ['api.example.com', '10.0.0.1'],
    });
    const [cert, key] = [join(dir, 'cert'), join(dir, 'key')];
    writeFileSync(cert, leaf.certificate);
    writeFileSync(key, leaf.key);
    const names = (value: string) => from(`--tls-sni-cert-key=${value}`)?.named?.map((one) => one.names);
    assert.deepEqual(names(`${cert},${key}`), [['own', 'api.example.com', '10.0.0.1']]);
    assert.deepEqual(names(`${cert},${key}:a.example,*.b.example`), [['a.example', '*.b.example']]);
    assert.throws(() => names(cert), /expected comma separated certificate and key file paths/);
  });
});
