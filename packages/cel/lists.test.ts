import assert from 'node:assert/strict';
import test from 'node:test';
import { CostMeter } from './frame.ts';
import { Expression, kubernetesLibrary } from './mod.ts';
import * as types from './types.ts';

const variables = new Map([
  ['li', types.listOf(types.int)],
  ['ls', types.listOf(types.string)],
  ['o', types.dyn],
]);
const values = { li: [1n, 2n, 3n], ls: ['a', 'b', 'c'], o: 'x' };

const compile = (source: string): Expression =>
  new Expression(source, { functions: kubernetesLibrary, variables });

// What it gives and what it costs.
const made: readonly [string, unknown, number][] = [
  ['[3, 1, 2].sort()', [1n, 2n, 3n], 29],
  ['ls.sort()', ['a', 'b', 'c'], 30],
  ['[3, 1, 2].sortBy(x, -x)', [3n, 2n, 1n], 74],
  ['ls.sortBy(x, size(x))', ['a', 'b', 'c'], 75],
  ['[1, 1, 2].distinct()', [1n, 2n], 29],
  ['[[1], [2]].flatten()', [1n, 2n], 13],
  ['li.reverse()', [3n, 2n, 1n], 15],
  ['li.slice(0, 2)', [1n, 2n], 14],
  ['lists.range(4)', [0n, 1n, 2n, 3n], 15],
  ['sets.contains(li, [1])', true, 5],
  ['sets.equivalent(li, [3, 2, 1])', true, 20],
  ['optional.unwrap([optional.of(1), optional.none()])', [1n], 13],
  ['li.first().value() + li.last().value()', 4n, 7],
];

test('Expression.evaluate() makes lists of lists, at the cost that cel-go counts', () => {
  for (const [source, expected, cost] of made) {
    const meter = new CostMeter(1_000_000);
    assert.deepEqual([compile(source).evaluate(values, meter), meter.spent], [expected, cost], source);
  }
});

const estimated: readonly [string, number][] = [
  ['[3, 1, 2].sortBy(x, -x)', 104],
  ['[3, 1, 2].sort()', 39],
  ['[[1], [2]].flatten()', 43],
  ['li.slice(0, 2)', 14],
  ['lists.range(4)', 15],
];

test('Expression.estimateCost() bounds what making lists costs', () => {
  for (const [source, cost] of estimated) {
    assert.deepEqual(
      compile(source).estimateCost(() => undefined),
      { min: cost, max: cost },
      source,
    );
  }
});

const refused: readonly [string, string][] = [
  ['li.slice(2, 1)', 'cannot slice(2, 1), start index must be less than or equal to end index'],
  ['li.slice(1, 9)', 'cannot slice(1, 9), list is length 3'],
  ['li.slice(-1, 1)', 'cannot slice(-1, 1), negative indexes not supported'],
  ['lists.range(4)[9]', 'index out of bounds: 9'],
  ["li.transformMapEntry(i, x, {'a': i})", 'insert failed: key a already exists'],
  ['o.all(k, true)', "got 'types.String', expected iterable type"],
  ['o.zz', 'no such key: zz'],
  ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", 'timestamp overflow'],
];

test('Expression.evaluate() fails in the words of cel-go', () => {
  for (const [source, message] of refused) {
    assert.throws(() => compile(source).evaluate(values), { message }, source);
  }
});

const invalid: readonly [string, string][] = [
  ['true && 1', "1:9: expected type 'bool' but found 'int'"],
  ['li.all(x, x)', "1:11: expected type 'bool' but found 'int'"],
  ['[1, o]', "1:5: expected type 'int' but found 'dyn'"],
  ['[?1]', "1:3: expected type 'optional_type(int)' but found 'int'"],
  ['li[1.0]', "1:3: found no matching overload for '_[_]' applied to '(list(int), double)'"],
  ["contains('a', 'b')", "1:9: found no matching overload for 'contains' applied to '(string, string)'"],
  ['li.existsOne(x, true)', "1:13: undeclared reference to 'existsOne' (in container '')"],
  [
    "'%d'.format(['a'])",
    '1:14: error during formatting: decimal clause can only be used on integers, was given string',
  ],
  ["'%s %s'.format([1])", '1:15: index 1 out of range'],
  ["'%s'.format([1, 2])", '1:12: too many arguments supplied to string.format (expected 1, got 2)'],
  ["'%z'.format([1])", '1:12: could not parse formatting clause: unrecognized formatting clause "z"'],
  ['timestamp(99999999999999)', '1:11: invalid timestamp argument'],
];

test('Expression() refuses in the words of cel-go', () => {
  for (const [source, message] of invalid) {
    assert.throws(
      () => compile(source),
      (error: Error) => {
        assert.equal(error.message.split('\n')[0], `ERROR: <input>:${message}`, source);
        return true;
      },
    );
  }
  // Only what is formatted may be of several types.
  assert.equal(compile("'%s %d'.format([o, 1])").evaluate(values), 'x 1');
});
