import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnchanged } from './correlated.ts';
import type { Schema } from './schema.ts';

const list: Schema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer' } } },
};
const object: Schema = { type: 'object', properties: { a: { type: 'integer' } } };
const open: Schema = { ...object, 'x-kubernetes-preserve-unknown-fields': true };

const cases: readonly (readonly [string, Schema, before: unknown, now: unknown, same: boolean])[] = [
  ['equal scalars', { type: 'integer' }, 1, 1, true],
  ['null in place of a value', { type: 'integer', nullable: true }, 1, null, false],
  ['equal objects', object, { a: 1 }, { a: 1 }, true],
  ['objects with a member more', object, { a: 1 }, {}, false],
  ['equal objects with members that the schema does not know', open, { a: 1, b: 2 }, { a: 1, b: 2 }, false],
  ['equal maps', { type: 'object', additionalProperties: { type: 'integer' } }, { b: 2 }, { b: 2 }, true],
  ['equal maps of anything', { type: 'object', additionalProperties: true }, { b: 2 }, { b: 2 }, false],
  ['lists in another order', { type: 'array', items: { type: 'integer' } }, [1, 2], [2, 1], false],
  ['equal lists of open objects', { type: 'array', items: open }, [{ b: 1 }], [{ b: 1 }], true],
  [
    'lists with keys in another order',
    list,
    [{ k: 'a', v: 1 }, { k: 'b' }],
    [{ k: 'b' }, { k: 'a', v: 1 }],
    true,
  ],
  ['lists with keys with another item', list, [{ k: 'a' }], [{ k: 'b' }], false],
];

for (const [what, schema, before, now, same] of cases) {
  test(`isUnchanged() is ${same} for ${what}`, () => {
    assert.equal(isUnchanged(now, { value: before, schema }), same);
  });
}
