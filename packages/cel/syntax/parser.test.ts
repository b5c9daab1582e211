import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CelCompileError } from '../issue.ts';
import { parse } from './parser.ts';

const operands = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const operand = `{'[', '{', '(', '.', '-', '!', ${operands}`;

/** What is wrong with sources, as `line:column: text`. */
const faults: readonly (readonly [source: string, ...issues: string[]])[] = [
  [
    '1 + $',
    "1:5: Syntax error: token recognition error at: '$'",
    `1:6: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
  ],
  ['1 + 2\n3 +', "2:1: Syntax error: mismatched input '3' expecting <EOF>"],
  [
    '1 + +',
    `1:5: Syntax error: mismatched input '+' expecting ${operand}`,
    `1:6: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
  ],
  [
    '"\\xFh"',
    "1:1: Syntax error: token recognition error at: '\"\\xFh'",
    "1:6: Syntax error: token recognition error at: '\"'",
    `1:7: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
  ],
  [
    '*@a | b',
    `1:1: Syntax error: extraneous input '*' expecting ${operand}`,
    "1:2: Syntax error: token recognition error at: '@'",
    "1:5: Syntax error: token recognition error at: '| '",
    "1:7: Syntax error: extraneous input 'b' expecting <EOF>",
  ],
  [
    'a = b',
    "1:3: Syntax error: token recognition error at: '= '",
    "1:5: Syntax error: extraneous input 'b' expecting <EOF>",
  ],
  ['a b', "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ['!-b', "1:3: Syntax error: no viable alternative at input '-b'"],
  ['!--1', "1:3: Syntax error: no viable alternative at input '--'"],
  [
    "a == 'b",
    "1:6: Syntax error: token recognition error at: ''b'",
    `1:8: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
  ],
  ['self.true == 1', "1:6: Syntax error: mismatched input 'true' expecting IDENTIFIER"],
  ['{"a": 1}."a"', `1:10: Syntax error: no viable alternative at input '."a"'`],
  [
    'a. == b.',
    "1:4: Syntax error: no viable alternative at input '. =='",
    "1:9: Syntax error: no viable alternative at input '.'",
  ],
  [
    'in.\u{1F601}',
    `1:1: Syntax error: extraneous input 'in' expecting ${operand}`,
    "1:4: Syntax error: token recognition error at: '\u{1F601}'",
    "1:5: Syntax error: no viable alternative at input '.'",
  ],
  [
    'foo(',
    `1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', ${operands}`,
  ],
  ['foo(1 2)', "1:7: Syntax error: extraneous input '2' expecting ')'"],
  ['(1 + 2', "1:7: Syntax error: missing ')' at '<EOF>'"],
  ['((1', "1:4: Syntax error: mismatched input '<EOF>' expecting ')'"],
  ['[1 2]', "1:4: Syntax error: extraneous input '2' expecting {']', ','}"],
  ['[1,', "1:4: Syntax error: missing ']' at '<EOF>'"],
  ['{"a"}', "1:5: Syntax error: mismatched input '}' expecting ':'"],
  [
    't{>C}',
    "1:3: Syntax error: extraneous input '>' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}",
    "1:5: Syntax error: mismatched input '}' expecting ':'",
  ],
  ['a ? b', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
  ['while', '1:1: reserved identifier: while'],
  [
    'has(a) && b.',
    '1:5: invalid argument to has() macro',
    "1:13: Syntax error: no viable alternative at input '.'",
  ],
  [`${'('.repeat(300)}1${')'.repeat(300)}`, '-1:0: expression recursion limit exceeded: 250'],
  ['a'.repeat(100_001), '-1:0: expression code point size exceeds limit: size: 100001, limit 100000'],
];

describe('parse()', () => {
  for (const [source, ...issues] of faults) {
    it(`tells of ${issues.length} faults in ${source.slice(0, 20)}`, () => {
      assert.throws(
        () => parse(source),
        (error: unknown) => {
          assert.ok(error instanceof CelCompileError);
          const shown = [...error.message.matchAll(/^ERROR: <input>:(.*)$/gm)].map(([, text]) => text);
          assert.deepEqual(shown, issues);
          return true;
        },
      );
    });
  }

  it('draws lines as wide as their characters', () => {
    assert.throws(() => parse("\t'\u{1F601}' b"), {
      message:
        "ERROR: <input>:1:6: Syntax error: extraneous input 'b' expecting <EOF>\n |  '\u{1F601}' b\n | ..\uff0e..^",
    });
  });

  it('takes a name for one where a prefix of a string has no string', () => {
    assert.throws(
      () => parse("r'abc"),
      /^CelCompileError: ERROR: <input>:1:2: Syntax error: token recognition/,
    );
  });
});
