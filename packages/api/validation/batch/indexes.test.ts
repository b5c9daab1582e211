import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseIndexes } from './indexes.ts';

describe('parseIndexes()', () => {
  it('counts the indexes of ordered intervals', () => {
    assert.equal(parseIndexes('', 10), 0);
    assert.equal(parseIndexes('0', 10), 1);
    assert.equal(parseIndexes('0-2,4,6-9', 10), 8);
  });

  for (const [text, problem] of [
    ['3,2', 'non-increasing order, previous: 3, current: 2'],
    ['0-10', 'too large index: "10"'],
    ['a', 'cannot convert string to integer for index: "a"'],
  ] as const) {
    it(`says what is wrong with ${text}`, () => assert.equal(parseIndexes(text, 10), problem));
  }
});
