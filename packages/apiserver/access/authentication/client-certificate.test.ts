import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { type DistinguishedName, generateKey, signCertificate } from '@coxswain/pki';
import { ClientCertificates } from './client-certificate.ts';

const clock = new VirtualClock(1_000_000);

function der(subject: DistinguishedName): Buffer {
  const request = { subject, notBefore: 0, notAfter: 2_000_000 };
  return new X509Certificate(signCertificate(request, generateKey())).raw;
}

const cases: readonly [subject: DistinguishedName, name?: string, uid?: string][] = [
  [{ commonName: 'jane', organizations: ['a', 'b'] }, 'jane'],
  [{ commonName: 'jane', uid: 'u-1', others: { organizationalUnit: ['no group'] } }, 'jane', 'u-1'],
  [{ commonName: 'jane', uid: '' }],
  [{ commonName: '', organizations: ['a'] }],
];

test('ClientCertificates know users by name, organizations and the one uid that they may have', () => {
  const certificates = new ClientCertificates(clock);
  for (const [subject, name, uid] of cases) {
    const user = certificates.authenticate(der(subject));
    assert.equal(user?.name, name);
    assert.equal(user?.uid, uid);
    if (name !== undefined) {
      assert.deepEqual(user?.groups, [...(subject.organizations ?? []), 'system:authenticated']);
    }
  }
});

test('ClientCertificates know nobody with two uids', () => {
  const twice = der({ commonName: 'jane', uids: ['uid-1', 'uid-2'] });
  assert.equal(new ClientCertificates(clock).authenticate(twice), undefined);
});
