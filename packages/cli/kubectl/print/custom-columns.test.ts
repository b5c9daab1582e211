import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseColumns, printColumns } from './custom-columns.ts';

test('printColumns() prints numbers, lists and maps as Go does', () => {
  const object = { i: 2n ** 63n - 1n, n: 12345678, f: 12345678.5, list: [1.5, 1234567.5, { b: 1, a: null }] };
  let text = '';
  printColumns(parseColumns('I:.i,N:.n,F:.f,L:.list,X:.x'), [object], true, (part) => {
    text += part;
  });
  assert.deepEqual(text.trim().split(/ {3,}/), [
    '9223372036854775807',
    '12345678',
    '1.23456785e+07',
    '[1.5 1.2345675e+06 map[a:<nil> b:1]]',
    '<none>',
  ]);
});
