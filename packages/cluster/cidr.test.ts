import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressAt, cidrsOverlap, formatCidr, parseCidr, parseIPv4 } from './cidr.ts';

test('parseCidr() gives back what formatCidr() prints', () => {
  for (const text of ['10.244.0.0/16', '0.0.0.0/0', '255.255.255.255/32']) {
    assert.equal(formatCidr(parseCidr(text)), text);
  }
});

test('parseCidr() refuses host bits and nonsense', () => {
  for (const text of [
    '10.244.0.1/16',
    '10.244.0/16',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.256/32',
    'fd00::/8',
  ]) {
    assert.throws(() => parseCidr(text), { code: 'INVALID_OPTION' });
  }
});

test('addressAt() counts from the network address and ends with the block', () => {
  const block = parseCidr('10.0.0.254/31');
  assert.equal(addressAt(block, 1), '10.0.0.255');
  assert.throws(() => addressAt(block, 2), { code: 'INVALID_OPTION' });
});

test('cidrsOverlap() sees containment either way', () => {
  const overlaps = (a: string, b: string): boolean => cidrsOverlap(parseCidr(a), parseCidr(b));
  assert.equal(overlaps('10.0.0.0/8', '10.244.0.0/16'), true);
  assert.equal(overlaps('10.244.7.0/24', '10.244.0.0/16'), true);
  assert.equal(overlaps('10.244.0.0/16', '10.245.0.0/16'), false);
  assert.equal(overlaps('0.0.0.0/0', '192.168.1.0/24'), true);
});

test('parseIPv4() is undefined for what is no dotted quad', () => {
  assert.equal(parseIPv4('1.2.3'), undefined);
  assert.equal(parseIPv4('1.2.3.x'), undefined);
  assert.equal(parseIPv4('0.0.1.0'), 256);
});
