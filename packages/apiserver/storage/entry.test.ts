import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { encodeStored } from './encode.ts';
import { Entry, entryPools, rememberObject } from './entry.ts';

const object: KubeObject = { kind: 'Boat', apiVersion: 'v1', metadata: { name: 'a', labels: { b: 'c' } } };

test('Entry.retire() lets go of all but the bytes, of which everything can be made anew', () => {
  const pools = entryPools(1_000_000, 1_000_000);
  const entry = new Entry('/registry/boats/a', encodeStored(object), 7, pools);
  assert.equal(entry.object.metadata.resourceVersion, '7');
  entry.message(() => Buffer.from('m'));
  const { bytes } = entry.deflatedItem;
  entry.retire();
  assert.deepEqual([entry.parsed, entry.hasMessage, entry.hasDeflated], [false, false, false]);
  assert.deepEqual([pools.objects.size, pools.encodings.size], [0, 0]);
  assert.equal(entry.object.metadata.resourceVersion, '7');
  assert.deepEqual(entry.deflatedItem.bytes, bytes);
});

test('Entry keeps what no pool bounds', () => {
  const entry = new Entry('/registry/boats/a', encodeStored(object), 7);
  const first = entry.object;
  entry.retire();
  assert.equal(entry.object, first);
});

test('an object that was written lasts where it is read, and gives way to others where it is not', () => {
  const pools = entryPools(20_000, 1_000);
  const write = (name: string): Entry => {
    const written = { ...object, metadata: { name } };
    const value = encodeStored(written);
    rememberObject(value, written);
    return new Entry(`/registry/boats/${name}`, value, 1, pools);
  };
  const [read, told] = [write('read'), write('told')];
  for (const entry of [read, told]) {
    assert.ok(entry.frozen);
    entry.settle();
  }
  assert.ok(read.frozen);
  for (let i = 0; i < 500; i++) write(`other-${i}`);
  assert.deepEqual([read.parsed, told.parsed], [true, false]);
});
