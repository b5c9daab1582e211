import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostFault } from './host-fault.ts';

const cases: readonly [altNames: string | undefined, commonName: string, host: string, told?: string][] = [
  ['DNS:a.b', '', 'A.B.'],
  ['DNS:*.b.c', '', 'a.b.c'],
  ['DNS:*.b.c', '', 'x.a.b.c', 'certificate is valid for *.b.c, not x.a.b.c'],
  ['DNS:*', '', 'a', 'certificate is valid for *, not a'],
  ['DNS:bad host', '', 'bad host'],
  ['IP Address:0:0:0:0:0:0:0:1', '', '::1'],
  ['IP Address:0:0:0:0:0:0:0:1, DNS:a', '', '::2', 'certificate is valid for ::1, not ::2'],
  [
    'DNS:a',
    '',
    '10.0.0.1',
    "cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
  ],
  ['DNS:"a, DNS:b"', '', 'b', 'certificate is valid for a, DNS:b, not b'],
  [undefined, 'b', 'b', 'certificate relies on legacy Common Name field, use SANs instead'],
  [undefined, 'c', 'b', 'certificate is not valid for any names, but wanted to match b'],
  [
    Array.from({ length: 100 }, (_, i) => `DNS:h${i}`).join(', '),
    '',
    'b',
    'certificate is valid for 100 names, but none matched b',
  ],
];

test('hostFault() tells in the words of Go whose a certificate is', () => {
  for (const [altNames, commonName, host, told] of cases) {
    const expected = told === undefined ? undefined : `x509: ${told}`;
    assert.equal(hostFault(altNames, commonName, host), expected, `${altNames} for ${host}`);
  }
});
