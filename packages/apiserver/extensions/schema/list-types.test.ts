import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateListTypes } from './list-types.ts';

const set = { type: 'array', 'x-kubernetes-list-type': 'set' };
const map = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name', 'protocol'],
  items: {
    type: 'object',
    properties: { name: { type: 'string' }, protocol: { type: 'string', default: 'TCP' } },
  },
};
const schema = { type: 'object', properties: { set, map } };

function faults(value: unknown): string[] {
  return validateListTypes(value, schema, undefined).map(({ field, message }) => `${field}: ${message}`);
}

test('validateListTypes() tells once of each item that is there again', () => {
  assert.deepEqual(faults({ set: ['a', 'b', 'a', 'a', 'b'] }), [
    'set[2]: Duplicate value: "a"',
    'set[4]: Duplicate value: "b"',
  ]);
  assert.equal(
    faults({
      set: [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    }).length,
    1,
  );
  assert.deepEqual(faults({ set: [1, '1', true, 'true', null, 'null', { a: 1 }, '{"a":1}'] }), []);
});

test('validateListTypes() knows items of lists with keys by these, and their defaults', () => {
  const items = [{ name: 'a' }, { name: 'a', protocol: 'UDP' }, { name: 'a', protocol: 'TCP' }];
  assert.deepEqual(faults({ map: items }), ['map[2]: Duplicate value: {"name":"a","protocol":"TCP"}']);
});

test('validateListTypes() looks at lists of many items, each once', () => {
  assert.deepEqual(faults({ set: Array.from({ length: 200_000 }, (_, i) => i) }), []);
});
