import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxStoredNesting, nestsTooDeep } from './nesting.ts';

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? { a: value } : ['x', value];
  return value;
}

test('nestsTooDeep() is true above the bound only, and needs no stack for more', () => {
  assert.equal(nestsTooDeep('x'), false);
  assert.equal(nestsTooDeep(nested(maxStoredNesting)), false);
  assert.equal(nestsTooDeep(nested(maxStoredNesting + 1)), true);
  assert.equal(nestsTooDeep(nested(1_000_000)), true);
});
