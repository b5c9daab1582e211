import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { type CertificateRequest, generateKey, type Issuer, signCertificate } from '@coxswain/pki';
import { peerFault } from './peer-fault.ts';

const now = Date.parse('2026-05-04T03:02:01Z');
const day = 86_400_000;

interface Made extends Issuer {
  readonly x509: X509Certificate;
}

function make(commonName: string, more: Partial<CertificateRequest> = {}, issuer?: Issuer): Made {
  const key = generateKey();
  const request = { subject: { commonName }, notBefore: now - day, notAfter: now + day, ...more };
  const certificate = signCertificate(request, key, issuer);
  return { key, certificate, x509: new X509Certificate(certificate) };
}

const ca = make('hooks', { ca: true });
const renamed = make('hooks', { ca: true });
const expiredCa = make('old', { ca: true, notAfter: now - 1 });
const middle = make('middle', { ca: true }, ca);
const served = (more: Partial<CertificateRequest> = {}, issuer: Issuer = ca): Made =>
  make('hook', { altNames: ['hook.default.svc'], ...more }, issuer);

const unknown = 'x509: certificate signed by unknown authority';
const hours = 'x509: certificate has expired or is not yet valid: current time 2026-05-04T03:02:01Z is';

const cases: readonly [
  what: string,
  chain: readonly Made[],
  roots: readonly Made[],
  told: string | undefined,
][] = [
  ['is signed by a root', [served()], [ca], undefined],
  ['is signed through one that came with it', [served({}, middle), middle], [ca], undefined],

  ['is signed by nobody known', [served()], [], unknown],
  [
    'is signed by another of the same name',
    [served()],
    [renamed],
    `${unknown} (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "hooks")`,
  ],
  ['is over', [served({ notAfter: now - day })], [ca], `${hours} after 2026-05-03T03:02:01Z`],
  ['is yet to begin', [served({ notBefore: now + 1000 })], [ca], `${hours} before 2026-05-04T03:02:02Z`],
  ['is of a root that is over', [served({}, expiredCa)], [expiredCa], `${hours} after 2026-05-04T03:02:00Z`],
  [
    'is for others',
    [served({ altNames: ['a', 'b'] })],
    [],
    'x509: certificate is valid for a, b, not hook.default.svc',
  ],
  [
    'is for nobody',
    [served({ altNames: [] })],
    [ca],
    'x509: certificate is not valid for any names, but wanted to match hook.default.svc',
  ],
  [
    'is for clients',
    [served({ extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'] })],
    [ca],
    'x509: certificate specifies an incompatible key usage',
  ],
];

describe('peerFault() of a certificate that', () => {
  for (const [what, chain, roots, told] of cases) {
    test(what, () => {
      const found = peerFault(
        chain.map(({ x509 }) => x509),
        roots.map(({ x509 }) => x509),
        'hook.default.svc',
        now,
      );
      assert.equal(found, told);
    });
  }

  test('is trusted itself, whoever signed it', () => {
    const { x509 } = served({}, make('nobody', { ca: true }));
    assert.equal(peerFault([x509], [x509], 'hook.default.svc', now), undefined);
  });
});
