import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { encodeStored, metadataEnd, metadataStart } from './encode.ts';
import { parseWithoutManagers } from './without-managers.ts';

type Metadata = KubeObject['metadata'];

const managedFields = [
  {
    manager: 'cox]"',
    operation: 'Update',
    fieldsV1: { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a]"': {} } }, 'k:{"list":[1,[2]]}': {} },
  },
  { manager: 'b', operation: 'Apply' },
] as unknown as NonNullable<Metadata['managedFields']>;
const annotations = { last: '{"a":1,"managedFields":[{"x":1}]}', 'managedFields":[': ',"managedFields":[' };
const rest = { spec: { template: { metadata: { name: 'ä', managedFields: [{ manager: 'inner' }] } } } };

function parse(metadata: Metadata): KubeObject | undefined {
  const value = encodeStored({ kind: 'Deployment', apiVersion: 'apps/v1', metadata, ...rest });
  const start = metadataStart(value);
  return parseWithoutManagers(value, start, metadataEnd(value, start));
}

const places: readonly (readonly [name: string, before: Metadata, after: Partial<Metadata>])[] = [
  ['last', { name: 'a', annotations }, {}],
  ['before others', { name: 'a', annotations }, { finalizers: ['x'], labels: { app: 'a' } }],
];

for (const [name, before, after] of places) {
  test(`what is left of an object whose managers are ${name} is as it was`, () => {
    const metadata = { ...before, ...after };
    const found = parse({ ...before, managedFields, ...after });
    assert.deepEqual(found, { kind: 'Deployment', apiVersion: 'apps/v1', metadata, ...rest });
  });
}

test('an object without managers, and one with whom it begins, is parsed by others', () => {
  assert.equal(parse({ name: 'a', annotations }), undefined);
  assert.equal(parse({ managedFields, name: 'a' }), undefined);
});
