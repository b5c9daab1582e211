import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { goFault } from './go-fault.ts';

const altName = (host: string, subjectaltname: string, CN = 'x') =>
  Object.assign(new Error('no'), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    host,
    cert: { subjectaltname, subject: { CN } },
  });

const reset = (message: string) => Object.assign(new Error(message), { code: 'ECONNRESET' });

const verify = 'tls: failed to verify certificate: x509: ';

const cases: readonly (readonly [what: string, error: Error, told: string])[] = [
  [
    'an address of which the certificate knows none',
    altName('10.0.0.1', 'DNS:a.example.com'),
    `${verify}cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs`,
  ],
  [
    'an address that is another',
    altName('10.0.0.1', 'DNS:a, IP Address:10.0.0.2'),
    `${verify}certificate is valid for 10.0.0.2, not 10.0.0.1`,
  ],
  [
    'a name that is another',
    altName('b', 'DNS:a, DNS:c, IP Address:10.0.0.2'),
    `${verify}certificate is valid for a, c, not b`,
  ],
  [
    'a certificate without names',
    altName('b', ''),
    `${verify}certificate is not valid for any names, but wanted to match b`,
  ],
  [
    'a name that is only the common one',
    altName('b', '', 'b'),
    `${verify}certificate relies on legacy Common Name field, use SANs instead`,
  ],
  [
    'a connection that was reset',
    reset('read ECONNRESET'),
    'read tcp 127.0.0.1:1000->b:443: read: connection reset by peer',
  ],
  ['a connection that ended', reset('socket hang up'), 'EOF'],
];

describe('goFault() tells in the words of Go of', () => {
  for (const [what, error, told] of cases) {
    test(what, () => {
      assert.equal(goFault(error, 'b', 443, { local: '127.0.0.1:1000' }), told);
    });
  }
});
