import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './parser.ts';
import { isDeeperThan } from './tree-depth.ts';

test('isDeeperThan() counts the levels of a tree', () => {
  assert.equal(isDeeperThan(parse('1'), 1), false);
  assert.equal(isDeeperThan(parse('1 + 2'), 1), true);
  assert.equal(isDeeperThan(parse('a.b[c].map(x, [{1: x}])'), 4), false);
  assert.equal(isDeeperThan(parse('a.b[c].map(x, [{1: x}])'), 3), true);
});

test('parse() refuses chains that would become deep trees, however they are written', () => {
  for (const text of [' + 1', ' * 1', ' == 1', '.a', '[0]', '.f()', '.map(x, x)', ' - 1']) {
    parse(`1${text.repeat(200)}`);
    for (const count of [300, 9_000]) {
      assert.throws(() => parse(`1${text.repeat(count)}`), /max recursion depth exceeded/, text);
    }
  }
  assert.throws(
    () => parse(`${'('.repeat(20)}a${`${'.b'.repeat(20)})`.repeat(20)}`),
    /max recursion depth exceeded/,
  );
  parse(`true${' && true'.repeat(5_000)}`);
});
