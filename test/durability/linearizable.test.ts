import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Call, keysNotLinearizable, type Operation } from './linearizable.ts';

/** One key's history: `[begun, answered, operation]`. */
const verdict = (...calls: readonly [number, number | undefined, Operation][]): boolean =>
  keysNotLinearizable(
    calls.map(([begun, answered, operation]): Call => {
      return { key: '/a', operation, begun, ...(answered === undefined ? {} : { answered }) };
    }),
  ).length === 0;

const create = (text: string, ok?: boolean): Operation => ({
  type: 'create',
  text,
  ...(ok === undefined ? {} : { ok }),
});
const update = (expected: string, text: string, ok: boolean): Operation => ({
  type: 'update',
  expected,
  text,
  ok,
});
const get = (found?: string): Operation => ({ type: 'get', found });

it('a sequence that is right is explained, one with a stale read is not', () => {
  assert.ok(verdict([1, 2, create('x', true)], [3, 4, update('x', 'y', true)], [5, 6, get('y')]));
  assert.ok(!verdict([1, 2, create('x', true)], [3, 4, update('x', 'y', true)], [5, 6, get('x')]));
});

it('calls at one time may have happened in any order, but only in one', () => {
  assert.ok(verdict([1, 8, create('x', true)], [2, 3, get()], [4, 5, get('x')]));
  assert.ok(!verdict([1, 8, create('x', true)], [2, 3, get('x')], [4, 5, get()]));
});

it('of two updates of one revision one is refused', () => {
  const first: [number, number, Operation] = [1, 2, create('x', true)];
  assert.ok(verdict(first, [3, 6, update('x', 'y', true)], [4, 5, update('x', 'z', false)]));
  assert.ok(!verdict(first, [3, 6, update('x', 'y', true)], [4, 5, update('x', 'z', true)]));
  assert.ok(!verdict(first, [3, 4, update('x', 'y', false)]));
});

it('a call without an answer may have happened at any later time, or never', () => {
  assert.ok(verdict([1, undefined, create('x')], [2, 3, get()], [4, 5, get('x')]));
  assert.ok(verdict([1, undefined, create('x')], [2, 3, get()], [4, 5, create('y', true)], [6, 7, get('y')]));
  assert.ok(!verdict([1, undefined, create('x')], [2, 3, get('x')], [4, 5, get()]));
});
