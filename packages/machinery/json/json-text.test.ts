import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readJson, writeJson } from './json-text.ts';

describe('readJson()', () => {
  const numbers: readonly (readonly [text: string, value: unknown])[] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['9223372036854775808', 2 ** 63],
    ['1234567890123456.5', 1234567890123456.5],
    ['1234567890123456789e2', 123456789012345680000],
    ['"1234567890123456789"', '1234567890123456789'],
  ];
  for (const [text, value] of numbers) {
    test(`reads ${text} wherever it stands`, () => {
      for (let blanks = 0; blanks < 32; blanks++) {
        assert.deepEqual(readJson(`${' '.repeat(blanks)}{"a":[${text}]}`), { a: [value] });
      }
    });
  }

  test('keeps a member called __proto__ as data', () => {
    const value = readJson('{"__proto__":9007199254740993}');
    assert.deepEqual(Object.entries(value), [['__proto__', 9007199254740993n]]);
  });

  test('refuses what is no JSON', () => {
    assert.throws(() => readJson('{"a":9007199254740993'), SyntaxError);
  });
});

describe('writeJson()', () => {
  test('writes what readJson() gave', () => {
    const text = '{"a":[9223372036854775807,-9007199254740993,1.5,"x"],"b":{"c":9007199254740993}}';
    assert.equal(writeJson(readJson(text)), text);
    assert.equal(writeJson(readJson('[9007199254740993]'), 2), '[\n  9007199254740993\n]');
  });

  test('does not hide that a value has no end', () => {
    const value: Record<string, unknown> = { n: 1n };
    value['self'] = value;
    assert.throws(() => writeJson(value), TypeError);
  });
});
