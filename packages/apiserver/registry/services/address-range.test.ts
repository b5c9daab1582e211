import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressRange } from './address-range.ts';

test('AddressRange gives no network and no broadcast address', () => {
  const range = new AddressRange('10.96.0.7/29');
  assert.equal(range.cidr, '10.96.0.0/29');
  assert.equal(range.size, 6);
  assert.equal(range.at(1), '10.96.0.1');
  assert.equal(range.offsetOf('10.96.0.0'), undefined);
  assert.equal(range.offsetOf('10.96.0.7'), undefined);
  assert.equal(range.offsetOf('10.96.0.6'), 6);
  assert.equal(range.offsetOf('192.168.0.1'), undefined);
});

test('AddressRange keeps at most 256 addresses for those who ask by number', () => {
  assert.equal(new AddressRange('10.96.0.0/16').staticBand, 256);
  assert.equal(new AddressRange('10.96.0.0/24').staticBand, 16);
});

test('AddressRange refuses a text that is no CIDR', () => {
  assert.throws(() => new AddressRange('10.96.0.0'), /not an IPv4 CIDR/);
});
