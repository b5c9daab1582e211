import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIndexes, parseIndexes } from './indexes.ts';

test('formatIndexes() makes ranges of three and more', () => {
  assert.equal(formatIndexes([]), '');
  assert.equal(formatIndexes([3, 1, 0]), '0,1,3');
  assert.equal(formatIndexes([5, 0, 1, 2, 7, 8]), '0-2,5,7,8');
});

test('parseIndexes() leaves out what is beyond the limit', () => {
  assert.deepEqual(parseIndexes('0-2,5', 10), [0, 1, 2, 5]);
  assert.deepEqual(parseIndexes('1-4,7', 3), [1, 2]);
  assert.deepEqual(parseIndexes(undefined, 3), []);
});
