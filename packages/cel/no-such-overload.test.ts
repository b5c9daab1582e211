import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Expression } from './expression.ts';
import { kubernetesLibrary } from './library/kubernetes.ts';
import { dyn } from './types.ts';
import { type CelValue, LiteralMap } from './values.ts';

const objects = new LiteralMap();
objects.set('a', 1n);

const values: Readonly<Record<string, CelValue>> = {
  l: ['a', 'b'],
  n: 1.5,
  s: 'text',
  none: null,
  objects: [objects],
};

const run = (source: string): CelValue =>
  new Expression(source, {
    functions: kubernetesLibrary,
    variables: new Map(Object.keys(values).map((name) => [name, dyn])),
  }).evaluate(values);

const refused: readonly [string, string][] = [
  // operators are named where the type of their first operand has none such, and it is not asked itself
  ['-l', 'no such overload: -_'],
  ['l >= s', 'no such overload: _>=_'],
  ['s >= l', 'no such overload'],
  ['none + l', 'no such overload: _+_'],
  ['s - s', 'no such overload'],
  ['n % n', 'no such overload: _%_'],
  ['size(n)', 'no such overload: size'],
  ['n.matches(s)', 'no such overload: matches'],
  ['!s', 'no such overload'],
  ['s in s', 'no such overload'],
  // functions are named with what they were given
  ['s.join()', 'no such overload: join(string)'],
  ['s.replace(l, s)', 'no such overload: replace(string, list, string)'],
  ['bool(l)', 'no such overload: bool(list)'],
  ['s.substring(s)', 'no such overload: substring(string, string)'],
  ['sets.contains(n, l)', 'no such overload: sets.contains(double, list)'],
  // the first of a list's items counts
  ['objects.isSorted()', 'no such overload: isSorted(list)'],
  ['l[s]', "unsupported index type 'string' in list"],
  ['l[n]', 'unsupported index value 1.5 in list'],
  ['l[?s].orValue(s)', "unsupported index type 'string' in list"],
  ['s[none]', 'invalid qualifier type: types.Null'],
  ['s.endsWith(n)', 'no such overload'],
  // what has no parts lacks those that are asked for
  ['s["x"]', 'no such key: x'],
  ['n[0]', 'no such key: 0'],
  ['dyn(s)[s]', 'no such key: text'],
  ['(s + s)[s]', 'no such overload'],
  ['objects[0][3u]', 'no such key: 3'],
  ['l[9]', 'index out of bounds: 9'],
];

test('noSuchOverload() names operators and functions as cel-go does', () => {
  for (const [source, message] of refused) assert.throws(() => run(source), { message }, source);
});

test('Expression.evaluate() finds nothing in what has no parts, where that is allowed', () => {
  for (const source of ['s[?"x"].orValue("none")', 'none[?0].orValue("none")', 'l[?9].orValue("none")']) {
    assert.equal(run(source), 'none', source);
  }
});

test('Expression.evaluate() does not look at an alternative that is not wanted', () => {
  assert.equal(run('l[?0].orValue(n.missing)'), 'a');
  assert.equal(run('l[?0].or(n.missing).value()'), 'a');
  assert.throws(() => run('l[?5].orValue(objects[0].missing)'), { message: 'no such key: missing' });
});

const invalid: readonly [string, readonly string[]][] = [
  [
    '(1 ? [1].b : 2)',
    [
      "found no matching overload for '_?_:_' applied to '(int, dyn, int)'",
      "type 'list(int)' does not support field selection",
    ],
  ],
  [
    '5.all(x, "a")',
    [
      "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
      "expected type 'bool' but found 'string'",
    ],
  ],
  ['["a"].existsOne(i, v, v)', ["found no matching overload for '_?_:_' applied to '(string, int, int)'"]],
  [
    '["a"].filter(x, x)',
    ["found no matching overload for '_?_:_' applied to '(string, list(string), list(string))'"],
  ],
  [
    '!5.filter(x, true)',
    [
      "found no matching overload for '!_' applied to '(list(!error!))'",
      "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
  ],
  [
    '[1].optMap(x, x)',
    [
      "found no matching overload for 'hasValue' applied to 'list(int).()'",
      "found no matching overload for 'value' applied to 'list(int).()'",
    ],
  ],
  [
    '"%s".format([optional.of(1)])',
    [
      'error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type',
    ],
  ],
  [
    '"%s".format([{"a": optional.of(1)}])',
    [
      'error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type',
    ],
  ],
];

test('Expression() tells of all that is wrong, also of what is called with wrong parts', () => {
  for (const [source, texts] of invalid) {
    assert.throws(
      () => run(source),
      (error: Error) => {
        const told = [...error.message.matchAll(/^ERROR: <input>:\d+:\d+: (.*)$/gm)].map(([, text]) => text);
        assert.deepEqual(told, texts, source);
        return true;
      },
    );
  }
});
