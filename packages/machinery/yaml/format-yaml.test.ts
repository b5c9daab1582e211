import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareKeys, formatYaml } from './format-yaml.ts';

describe('formatYaml()', () => {
  const scalars: readonly (readonly [value: unknown, text: string])[] = [
    ['plain', 'plain'],
    ['', '""'],
    ['true', '"true"'],
    ['yes', '"yes"'],
    ['y', '"y"'],
    ['null', '"null"'],
    ['12', '"12"'],
    ['1.5', '"1.5"'],
    ['12:30', '"12:30"'],
    ['0x1f', '"0x1f"'],
    ['1e3', '"1e3"'],
    ['2026-11-21T00:13:54Z', '"2026-11-21T00:13:54Z"'],
    ['10.0.0.1', '10.0.0.1'],
    ['a: b', "'a: b'"],
    ['it is', 'it is'],
    ["it's: so", "'it''s: so'"],
    ['*', "'*'"],
    ['# no', "'# no'"],
    ['a #b', "'a #b'"],
    ['- x', "'- x'"],
    ['-x', '-x'],
    [' lead', "' lead'"],
    ['tab\there', '"tab\\there"'],
    ['日本', '日本'],
    ['😀', '"\\U0001F600"'],
    ['a\nb', '|-\n  a\n  b'],
    ['a\nb\n', '|\n  a\n  b'],
    ['a\n\n', '|+\n  a'],
    [' a\nb', '|2-\n   a\n  b'],
    ['a \nb', '"a \\nb"'],
    [7, '7'],
    [null, 'null'],
    [true, 'true'],
    [{}, '{}'],
    [[], '[]'],
  ];
  for (const [value, text] of scalars) {
    test(`writes ${JSON.stringify(value)} as go-yaml does`, () => {
      assert.equal(formatYaml({ k: value }), `k: ${text}\n${value === 'a\n\n' ? '\n' : ''}`);
    });
  }

  test('puts lists below keys at the column of the key, and sorts keys', () => {
    const object = { b: [{ y: 1, x: [2] }, 'z', ['n']], a: { c: {} } };
    assert.equal(formatYaml(object), 'a:\n  c: {}\nb:\n- x:\n  - 2\n  "y": 1\n- z\n- - "n"\n');
  });

  test('folds long text at the first space past column 80', () => {
    const words = Array.from({ length: 20 }, () => 'word').join(' ');
    const [first, second] = formatYaml({ k: words }).split('\n') as [string, string];
    assert.ok(first.length > 80 && first.length <= 85);
    assert.match(second, /^ {2}word/);
  });
});

test('compareKeys() counts numbers within keys as numbers and puts letters last', () => {
  const keys = ['a10', 'a9', 'b', 'a-b', 'ab', '_', '1'];
  assert.deepEqual(keys.sort(compareKeys), ['_', '1', 'a-b', 'a9', 'a10', 'ab', 'b']);
});
