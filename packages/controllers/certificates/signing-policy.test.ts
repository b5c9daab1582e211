import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issue } from '@coxswain/pki';
import { usagesOf, validityOf } from './signing-policy.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 0, 1);

const authority = (notAfter: number): string =>
  issue({ subject: { commonName: 'ca' }, notBefore: now - 100 * hour, notAfter, ca: true }).certificate;

test('validityOf() gives what was asked for within what the signer and its authority allow', () => {
  const lasting = authority(now + 1000 * hour);
  const cases: [string, number | undefined, string, number][] = [
    ['unasked, as long as the signer signs', undefined, lasting, 100 * hour - 5 * minute],
    ['more than that', 200 * 3600, lasting, 100 * hour - 5 * minute],
    ['a short life is counted from now', 3600, lasting, hour],
    ['a long one from the start', 8 * 3600, lasting, 8 * hour - 5 * minute],
    ['no shorter than ten minutes', 60, lasting, 10 * minute],
    ['no longer than the authority', 50 * 3600, authority(now + hour), hour],
  ];
  for (const [what, asked, ca, expected] of cases) {
    const { notBefore, notAfter } = validityOf(asked, 100 * hour, ca, now);
    assert.deepEqual([notBefore - now, notAfter - now], [-5 * minute, expected], what);
  }
});

test('validityOf() refuses for an authority that is over', () => {
  assert.throws(
    () => validityOf(3600, hour, authority(now - hour), now),
    new Error('the signer has expired: NotAfter=2025-12-31 23:00:00 +0000 UTC'),
  );
  assert.throws(
    () => validityOf(3600, hour, authority(now - minute), now),
    new Error(
      'refusing to sign a certificate that expired in the past: NotAfter=2025-12-31 23:59:00 +0000 UTC',
    ),
  );
});

test('usagesOf() tells key usages from extended ones', () => {
  assert.deepEqual(usagesOf(['client auth', 'signing', 's/mime', 'any', 'email protection']), {
    keyUsages: ['digitalSignature'],
    extendedKeyUsages: ['2.5.29.37.0', '1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4'],
  });
  assert.throws(() => usagesOf(['a', 'client auth', 'b']), new Error('unrecognized usage values: ["a" "b"]'));
});
