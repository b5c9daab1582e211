import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyJson } from './copy-json.ts';
import { deepEqual } from './deep-equal.ts';
import { deepFreeze } from './deep-freeze.ts';
import { ownMember, setMember } from './member.ts';

test('copyJson() copies deeply and drops undefined', () => {
  const source = { a: [{ b: 1 }, null, 'x'], c: undefined, d: { e: true } };
  const copy = copyJson(source);
  assert.deepEqual(copy, { a: [{ b: 1 }, null, 'x'], d: { e: true } });
  assert.notEqual(copy.a, source.a);
  assert.notEqual(copy.a[0], source.a[0]);
});

test('copyJson() keeps a member called __proto__ as data', () => {
  const copy = copyJson(JSON.parse('{"__proto__":{"x":1}}'));
  assert.deepEqual(Object.keys(copy), ['__proto__']);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
});

test('deepEqual() compares by value, whatever the order of members', () => {
  assert.ok(deepEqual({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }));
  assert.ok(deepEqual({ a: 1, b: undefined }, { a: 1 }));
  assert.ok(!deepEqual({ a: 1 }, { a: 1, b: 2 }));
  assert.ok(!deepEqual({ a: 1, b: 2 }, { a: 1 }));
  assert.ok(!deepEqual({ a: null }, {}));
  assert.ok(!deepEqual([1], { 0: 1 }));
  assert.ok(!deepEqual({}, null));
});

test('deepFreeze() freezes all parts', () => {
  const value = deepFreeze({ a: [{ b: 1 }] });
  assert.ok(Object.isFrozen(value.a[0]));
});

test('ownMember() and setMember() take inherited names for data', () => {
  assert.equal(ownMember({}, 'constructor'), undefined);
  assert.equal(ownMember({}, '__proto__'), undefined);
  const object: Record<string, unknown> = {};
  setMember(object, '__proto__', { x: 1 });
  assert.deepEqual(ownMember(object, '__proto__'), { x: 1 });
  assert.equal(object['x'], undefined);
});
