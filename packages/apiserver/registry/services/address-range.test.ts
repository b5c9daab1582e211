import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressRange } from './address-range.ts';

test('AddressRange gives no network and no broadcast address', () => {
  const range = new AddressRange('10.96.0.7/29');
  assert.equal(range.cidr, '10.96.0.0/29');
  assert.equal(range.family, 'IPv4');
  assert.equal(range.size, 6);
  assert.equal(range.at(1), '10.96.0.1');
  assert.equal(range.offsetOf('10.96.0.0'), undefined);
  assert.equal(range.offsetOf('10.96.0.7'), undefined);
  assert.equal(range.offsetOf('10.96.0.6'), 6);
  assert.equal(range.offsetOf('192.168.0.1'), undefined);
  assert.ok(range.contains('10.96.0.7'));
  assert.ok(!range.contains('10.96.0.8'));
});

test('AddressRange of version 6 has no broadcast address', () => {
  const range = new AddressRange('fd00:10:96::/112');
  assert.equal(range.family, 'IPv6');
  assert.equal(range.size, 65535);
  assert.equal(range.at(0x0a), 'fd00:10:96::a');
  assert.equal(range.offsetOf('fd00:10:96::ffff'), 65535);
  assert.equal(range.offsetOf('10.96.0.1'), undefined);
});

test('AddressRange keeps at most 256 addresses for those who ask by number', () => {
  assert.equal(new AddressRange('10.96.0.0/16').staticBand, 256);
  assert.equal(new AddressRange('10.96.0.0/24').staticBand, 16);
  assert.equal(new AddressRange('fd00::/64').staticBand, 256);
});

test('AddressRange refuses what is no range for services', () => {
  assert.throws(() => new AddressRange('10.96.0.0'), /not a CIDR/);
  assert.throws(() => new AddressRange('10.0.0.0/4'), /a prefix of 8 to 30 bits/);
  assert.throws(() => new AddressRange('fd00::/48'), /a prefix of 64 to 126 bits/);
});
