import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { type CertificateRequest, type Issuer, issue, loadIssuer } from '@coxswain/pki';
import { TrustedRoots } from './verify-chain.ts';

const now = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

function make(commonName: string, by: Issuer | undefined, more: Partial<CertificateRequest>): Issuer {
  const made = issue({ subject: { commonName }, notBefore: now - hour, notAfter: now + hour, ...more }, by);
  return loadIssuer(made);
}

const root = make('root', undefined, { ca: true });
const between = make('between', root, { ca: true, notAfter: now + hour / 2 });
const leaf = make('leaf', between, {});
const x509 = ({ certificate }: Issuer): X509Certificate => new X509Certificate(certificate);

describe('TrustedRoots', () => {
  const roots = new TrustedRoots(`# comment\n${root.certificate}`);

  test('verifies along the certificates that came with it', () => {
    assert.ok(roots.verify(x509(leaf), [x509(between)], now));
    assert.ok(roots.verify(x509(leaf), [x509(root), x509(between)], now));
    assert.ok(roots.verify(x509(between), [], now));
    assert.ok(!roots.verify(x509(leaf), [], now));
  });

  test('refuses when one on the way is out of its time, no authority, or of somebody else', () => {
    assert.ok(!roots.verify(x509(leaf), [x509(between)], now + 0.75 * hour));
    const byLeaf = make('child', leaf, {});
    assert.ok(!roots.verify(x509(byLeaf), [x509(leaf), x509(between)], now));
    const stranger = make('root', undefined, { ca: true });
    assert.ok(!roots.verify(x509(make('leaf', stranger, {})), [x509(stranger)], now));
  });

  test('takes no bundle without a certificate', () => {
    assert.throws(() => new TrustedRoots('PEM'), /does not contain any valid/);
  });
});
