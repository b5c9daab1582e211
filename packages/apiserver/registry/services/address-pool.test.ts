import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressPool } from './address-pool.ts';

test('AddressPool.takeAny() gives the dynamic band first, then the rest, then nothing', () => {
  const pool = new AddressPool(() => 0);
  pool.add('10.0.0.0/27', 'a', true);
  assert.equal(pool.takeAny('IPv4'), '10.0.0.17');
  for (let i = 0; i < 13; i++) pool.takeAny('IPv4');
  assert.equal(pool.takeAny('IPv4'), '10.0.0.1');
  for (let i = 0; i < 15; i++) assert.ok(pool.takeAny('IPv4'));
  assert.equal(pool.takeAny('IPv4'), undefined);
  assert.equal(pool.takeAny('IPv6'), undefined);
});

test('AddressPool goes on in a range that was added, and leaves one that is gone or not ready', () => {
  const pool = new AddressPool(() => 0);
  pool.add('10.0.0.0/30', 'a', true);
  assert.ok(pool.take('10.0.0.1') && pool.take('10.0.0.2'));
  pool.add('10.1.0.0/30', 'b', false);
  assert.equal(pool.takeAny('IPv4'), undefined);
  pool.add('10.1.0.0/30', 'b', true);
  assert.equal(pool.takeAny('IPv4'), '10.1.0.1');
  pool.remove('b');
  assert.equal(pool.takeAny('IPv4'), undefined);
});

test('AddressPool.faultOf() says why an address cannot be had', () => {
  const pool = new AddressPool(() => 0);
  pool.add('10.0.0.0/29', 'a', true);
  pool.take('10.0.0.3');
  assert.equal(pool.faultOf('10.0.0.4').fault, undefined);
  assert.equal(pool.faultOf('10.0.0.3').fault, 'taken');
  assert.deepEqual(pool.faultOf('10.0.0.0'), { fault: 'not-in-range', cidr: '10.0.0.0/29' });
  assert.equal(pool.faultOf('10.0.1.0').fault, 'no-range');
});
