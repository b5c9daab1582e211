import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchingBlocks } from './matching-blocks.ts';
import { unifiedDiff } from './unified-diff.ts';

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const text = (...lines: string[]): string => lines.join('\n');

describe('unifiedDiff()', () => {
  it('says nothing where nothing differs', () => {
    assert.equal(unifiedDiff('a\nb', 'a\nb'), '');
  });

  it('shows three lines around a change', () => {
    assert.equal(
      unifiedDiff(text(...numbers(1, 9)), text(...numbers(1, 4), 'five', ...numbers(6, 9))),
      '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    );
  });

  it('shows changes that are near in one piece, and others in pieces of their own', () => {
    const before = text(...numbers(1, 20));
    const near = text('one', ...numbers(2, 7), 'eight', ...numbers(9, 20));
    const far = text('one', ...numbers(2, 8), 'nine', ...numbers(10, 20));
    assert.equal(unifiedDiff(before, near).match(/^@@/gm)?.length, 1);
    assert.deepEqual(unifiedDiff(before, far).match(/^@@.*/gm), ['@@ -1,4 +1,4 @@', '@@ -6,7 +6,7 @@']);
  });

  for (const [title, before, after, diff] of [
    ['a line that came first', 'b', 'a\nb', '@@ -1 +1,2 @@\n+a\n b\n'],
    ['a line that came last', 'a', 'a\nb', '@@ -1 +1,2 @@\n a\n+b\n'],
    ['a line that is gone', 'a\nb', 'b', '@@ -1,2 +1 @@\n-a\n b\n'],
    ['everything', 'a\nb', 'c', '@@ -1,2 +1 @@\n-a\n-b\n+c\n'],
  ] as const) {
    it(`tells of ${title}`, () => {
      assert.equal(unifiedDiff(before, after), diff);
    });
  }
});

describe('matchingBlocks()', () => {
  it('takes the longest run, not the first', () => {
    assert.deepEqual(matchingBlocks([...'ab'], [...'acab']), [{ a: 0, b: 2, size: 2 }]);
  });

  it('takes the first of runs that are as long', () => {
    assert.deepEqual(matchingBlocks([...'x'], [...'xyx']), [{ a: 0, b: 0, size: 1 }]);
  });

  it('starts no run in a long text at a line that is everywhere in it', () => {
    const long = [...Array<string>(250).fill('same'), 'end'];
    assert.deepEqual(matchingBlocks(['same', 'other', 'end'], long), [
      { a: 0, b: 0, size: 1 },
      { a: 2, b: 250, size: 1 },
    ]);
    assert.deepEqual(matchingBlocks(['other', 'same'], long), []);
  });
});
