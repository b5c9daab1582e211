import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRegex, regexFault } from './regex.ts';

test("compileRegex() reads Go's patterns", () => {
  for (const [pattern, text, matches] of [
    ['^[a-z]([-a-z0-9]*[a-z0-9])?$', 'a-1', true],
    ['\\Aab\\z', 'ab\n', false],
    ['(?i)abc', 'xABCx', true],
    ['a(?i)b|c', 'aB', true],
    ['(?i:a)b', 'AB', false],
    ['[[:alpha:]_]+', '1', false],
    ['[[:^digit:]]', '1', false],
    ['\\pL+', 'é', true],
    ['\\p{Greek}', 'λ', true],
    ['^.$', '👑', true],
    ['a.b', 'a\rb', true],
    ['(?s)a.b', 'a\nb', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['\\Q.*\\E', 'a.*b', true],
    ['a{,2}', 'a{,2}', true],
    ['\\x{1F451}', '👑', true],
    ['[\\w-]+@', 'a-b@', true],
    ['[]a]', ']', true],
    ['(?P<x>a)', 'a', true],
    ['\\s', '\u00a0', false],
    ['^*', 'x', true],
  ] as const) {
    assert.equal(compileRegex(pattern).test(text), matches, `${pattern} on ${JSON.stringify(text)}`);
  }
});

test("regexFault() speaks Go's words", () => {
  const faults: Readonly<Record<string, string>> = {
    '(a': 'missing closing ): `(a`',
    'a)': 'unexpected ): `a)`',
    '[a': 'missing closing ]: `[a`',
    'x[a': 'missing closing ]: `[a`',
    '*a': 'missing argument to repetition operator: `*`',
    'a**': 'invalid nested repetition operator: `**`',
    'a{1001}': 'invalid repeat count: `{1001}`',
    'a{2,1}': 'invalid repeat count: `{2,1}`',
    '(?=a)': 'invalid or unsupported Perl syntax: `(?=`',
    '(?!a)': 'invalid or unsupported Perl syntax: `(?!`',
    '(?<=a)': 'invalid or unsupported Perl syntax: `(?<=`',
    'a\\': 'trailing backslash at end of expression: ``',
    '\\8': 'invalid escape sequence: `\\8`',
    '[z-a]': 'invalid character class range: `z-a`',
    '\\p{Nope}': 'invalid character class range: `\\p{Nope}`',
  };
  for (const [pattern, text] of Object.entries(faults)) {
    assert.equal(regexFault(pattern), `error parsing regexp: ${text}`, pattern);
  }
});
