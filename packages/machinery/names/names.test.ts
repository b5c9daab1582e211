import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValidCIDR, isValidIP, parseIPNumber } from './addresses.ts';
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain } from './dns.ts';
import { isConfigMapKey, isRelaxedEnvVarName, isValidPortName } from './identifiers.ts';
import { isQualifiedName, isValidLabelValue } from './qualified.ts';

test('isDNS1123Label() says what is wrong in upstream words', () => {
  assert.deepEqual(isDNS1123Label('web-1'), []);
  assert.deepEqual(isDNS1123Label('a.b'), ['must not contain dots']);
  assert.deepEqual(isDNS1123Label('A'), [
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  assert.deepEqual(isDNS1123Label('a'.repeat(64)), ['must be no more than 63 characters']);
});

test('isDNS1123Subdomain() and isDNS1035Label() tell names', () => {
  assert.deepEqual(isDNS1123Subdomain('a.b-c.d'), []);
  assert.equal(isDNS1123Subdomain('a..b').length, 1);
  assert.deepEqual(isDNS1035Label('1a').length, 1);
});

test('isQualifiedName() names the faulty part', () => {
  assert.deepEqual(isQualifiedName('example.com/My_name'), []);
  assert.deepEqual(isQualifiedName('/x'), ['prefix part must be non-empty']);
  assert.match(isQualifiedName('a/b/c')[0] ?? '', /^a valid label key must consist/);
  assert.equal(isQualifiedName('x/').length, 2);
  assert.deepEqual(isValidLabelValue(''), []);
  assert.equal(isValidLabelValue('-a').length, 1);
});

test('isConfigMapKey() refuses ways out of the directory', () => {
  assert.deepEqual(isConfigMapKey('a.b_c'), []);
  assert.deepEqual(isConfigMapKey('..x'), ["must not start with '..'"]);
});

test('isRelaxedEnvVarName() takes printable ASCII', () => {
  assert.deepEqual(isRelaxedEnvVarName('1 a'), []);
  assert.equal(isRelaxedEnvVarName('a=b').length, 1);
});

test('isValidPortName() lists every fault', () => {
  assert.deepEqual(isValidPortName('http'), []);
  assert.deepEqual(isValidPortName('80--'), [
    'must contain at least one letter (a-z)',
    'must not contain consecutive hyphens',
    'must not begin or end with a hyphen',
  ]);
});

test('isValidIP() and isValidCIDR() are strict', () => {
  assert.deepEqual(isValidIP('10.0.0.1'), []);
  assert.deepEqual(isValidIP('010.0.0.1'), ['must not have leading 0s']);
  assert.deepEqual(isValidIP('::ffff:1.2.3.4'), ['must not be an IPv4-mapped IPv6 address']);
  assert.equal(isValidIP('1.2.3').length, 1);
  assert.deepEqual(isValidCIDR('10.0.0.0/8'), []);
  assert.deepEqual(isValidCIDR('10.0.0.1/8'), ['must not have bits set beyond the prefix length']);
  assert.equal(parseIPNumber('::1:0')?.number, 65536n);
});
