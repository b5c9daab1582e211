import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteOrder } from './byte-order.ts';

test('byteOrder() sorts texts as their bytes are', () => {
  const sorted = ['', '10', '9', 'A', 'Z', 'a', 'aa', 'b', 'é', '\u{ff01}', '\u{1f600}', '\u{1f601}'];
  assert.deepEqual([...sorted].reverse().sort(byteOrder), sorted);
  assert.deepEqual(
    sorted.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    sorted,
  );
  assert.equal(byteOrder('a', 'a'), 0);
});
