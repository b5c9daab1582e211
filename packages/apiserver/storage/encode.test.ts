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

test('encodeStored() writes maps by name, also where names are whole numbers', () => {
  const { data } = JSON.parse('{"data":{"10":"x","9":"y","-1":"z","a":""}}');
  assert.match(
    encodeStored({ ...object, data }).toString(),
    /"data":\{"-1":"z","10":"x","9":"y","a":""\}\}$/,
  );
});

test('Entry.pieces() carries the revision as resourceVersion without parsing', () => {
  const entry = new Entry('/k', encodeStored(object), 42);
  assert.deepEqual(JSON.parse(Buffer.concat(entry.pieces()).toString()), {
    ...object,
    metadata: { name: 'a', resourceVersion: '42' },
  });
});

test('Entry puts the resourceVersion where Go writes it, or first in what others wrote', () => {
  const cases = [
    [
      '{"name":"a","namespace":"n","uid":"u","labels":{}}',
      '{"name":"a","namespace":"n","uid":"u",V,"labels":{}}',
    ],
    [
      '{"name":"a\\"","generateName":"a","generation":1}',
      '{"name":"a\\"","generateName":"a",V,"generation":1}',
    ],
    ['{"labels":{},"name":"a"}', '{V,"labels":{},"name":"a"}'],
    ['{"uid":"u","name":"a","labels":{}}', '{"uid":"u",V,"name":"a","labels":{}}'],
    ['{"name":"a"}', '{V,"name":"a"}'],
    ['{}', '{V}'],
  ] as const;
  for (const [stored, served] of cases) {
    const head = '{"kind":"ConfigMap","apiVersion":"v1","metadata":';
    const entry = new Entry('/k', Buffer.from(`${head}${stored},"data":{}}`), 42);
    const text = Buffer.concat(entry.pieces()).toString();
    assert.equal(text, `${head}${served.replace('V', '"resourceVersion":"42"')},"data":{}}`);
    assert.deepEqual(JSON.stringify(entry.object), text);
  }
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
