import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStored } from './encode.ts';
import { Entry } from './entry.ts';
import { SliceWriter } from './lists/slice-writer.ts';

const object = {
  data: { a: 'ü' },
  metadata: { name: 'a', resourceVersion: '3' },
  apiVersion: 'v1',
  kind: 'ConfigMap',
};

test('encodeStored() leaves the resourceVersion out and puts the metadata third', () => {
  assert.equal(
    encodeStored(object).toString(),
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"a":"ü"}}',
  );
});

test('Entry.pieces() carries the revision as resourceVersion without parsing', () => {
  const entry = new Entry('/k', encodeStored(object), 42);
  assert.deepEqual(JSON.parse(Buffer.concat(entry.pieces()).toString()), {
    ...object,
    metadata: { name: 'a', resourceVersion: '42' },
  });
});

const written = (write: (out: SliceWriter) => void): unknown => {
  const out = new SliceWriter();
  write(out);
  return JSON.parse(out.take().toString());
};

test('Entry.writeItem() has neither kind nor apiVersion', () => {
  const entry = new Entry('/k', encodeStored({ ...object, metadata: {} }), 42);
  assert.deepEqual(
    written((out) => entry.writeItem(out)),
    { metadata: { resourceVersion: '42' }, data: { a: 'ü' } },
  );
});

test('Entry.itemSize is what writeItem() writes, with metadata and without', () => {
  for (const metadata of [{}, { name: 'a' }]) {
    const out = new SliceWriter();
    const entry = new Entry('/k', encodeStored({ ...object, metadata }), 42);
    entry.writeItem(out);
    assert.equal(out.take().length, entry.itemSize);
  }
});

test('Entry.writeMetadata() ends where the metadata does, whatever its texts hold', () => {
  const metadata = { name: 'a', annotations: { a: '}"\\', 'b"': '{ü' } };
  const entry = new Entry('/k', encodeStored({ ...object, metadata }), 42);
  assert.deepEqual(
    written((out) => entry.writeMetadata(out)),
    { ...metadata, resourceVersion: '42' },
  );
});
