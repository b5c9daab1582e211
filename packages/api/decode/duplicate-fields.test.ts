import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicateFields } from './duplicate-fields.ts';

test('duplicateFields() names what a document has twice, at any depth, in its order', () => {
  assert.deepEqual(duplicateFields('{"spec":{"paused":true,"a":{"b":1},"paused":false}}'), [
    'duplicate field "spec.paused"',
  ]);
  assert.deepEqual(duplicateFields('{"list":[{"x":1},{"x":1,"x":2}],"list":[]}'), [
    'duplicate field "list[1].x"',
    'duplicate field "list"',
  ]);
});

test('duplicateFields() finds nothing when every field is named once', () => {
  assert.deepEqual(duplicateFields('[{"op":"add","path":"/a","value":{"a":1}},{"op":"test"}]'), []);
});
