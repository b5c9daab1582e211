import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applySchemaDefaults, pruneNulls } from './defaulting.ts';
import { prune } from './prune.ts';
import type { Schema } from './schema.ts';

const keep = { 'x-kubernetes-preserve-unknown-fields': true };
const cases: readonly (readonly [
  what: string,
  value: object,
  schema: object,
  left: object,
  ...removed: string[],
])[] = [
  [
    'what is not specified, sorted',
    { z: 1, a: { c: 1, b: 2 }, y: 3 },
    { properties: { a: { properties: { b: {} } } } },
    { a: { b: 2 } },
    'a.c',
    'y',
    'z',
  ],
  [
    'nothing of what keeps the unknown but what it specifies',
    { a: { b: 1, c: { d: 1, e: 2 } } },
    { properties: { a: { ...keep, properties: { c: { properties: { d: {} } } } } } },
    { a: { b: 1, c: { d: 1 } } },
    'a.c.e',
  ],
  [
    'nothing of the items of a list that keeps the unknown',
    { a: [{ b: 1 }] },
    { properties: { a: { ...keep, items: { type: 'object' } } } },
    { a: [{ b: 1 }] },
  ],
  [
    'what is in members that may be anything',
    { a: { b: { c: 1 }, d: 2, e: [{ f: 1 }] } },
    { properties: { a: { type: 'object', additionalProperties: true } } },
    { a: { b: {}, d: 2, e: [{}] } },
    'a.b.c',
    'a.e[0].f',
  ],
  [
    'nothing of what an embedded resource always has',
    { a: { apiVersion: 'v1', kind: 'K', metadata: { name: 'x' }, b: 1 } },
    { properties: { a: { 'x-kubernetes-embedded-resource': true, properties: {} } } },
    { a: { apiVersion: 'v1', kind: 'K', metadata: { name: 'x' } } },
    'a.b',
  ],
];

for (const [what, value, schema, left, ...removed] of cases) {
  test(`prune() removes ${what}`, () => {
    assert.deepEqual(prune(value, schema as Schema, true), removed);
    assert.deepEqual(value, left);
  });
}

test('applySchemaDefaults() takes null for absent where it may not be', () => {
  const schema = {
    properties: {
      a: { type: 'string', default: 'x' },
      b: { type: 'string', nullable: true, default: 'x' },
      c: { items: { type: 'string', default: 'x' } },
      d: { type: 'string' },
      e: { additionalProperties: { properties: { f: { type: 'string', default: 'x' } } } },
    },
  } as Schema;
  const value = { a: null, b: null, c: [null, 'y'], d: null, e: { g: {} } };
  pruneNulls(value, schema);
  applySchemaDefaults(value, schema);
  assert.deepEqual(value, { a: 'x', b: null, c: ['x', 'y'], e: { g: { f: 'x' } } });
});
