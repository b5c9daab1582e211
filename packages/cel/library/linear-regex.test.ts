import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateGoRegex } from './go-regex.ts';
import { withoutUnicodeFlag } from './linear-regex.ts';
import { compileRegex } from './regex.ts';

const patterns = [
  '^(a+)+$',
  '^.$',
  '^..$',
  '(?s)^.{2}$',
  '^[^a]$',
  '^[^\\d]+$',
  '(?i)^abc$',
  '(?i)^[a-ks]+$',
  '(?i)a(?-i:b)c',
  '^\\W$',
  '^\\S+$',
  'é',
  '^😀$',
  '^[\\x{10000}-\\x{10ffff}]$',
  '\\x{1F600}',
  '(?U)a+',
  '(?m)^a$',
  '^[[:alpha:]]+$',
  '^a{2,3}$',
  '\\Qa.b\\E',
  '\\bx\\b',
  '(?P<n>x)y',
  '^[^\\x00-\\x{10ffff}]?$',
  '^[-a\\]\\\\]+$',
  '^(?:a|b)*?c$',
  '^\\t\\n$',
  'a\\/b',
  '^[^-]$',
  '(?i)^[^k]$',
  '(?i)\\.x',
  '^\\pL$',
  '^\\PL$',
  '^\\p{Greek}+$',
  '^[^\\p{Lu}]$',
  '^[\\p{Nd}a-f]+$',
  '^[😀-😂]$',
  '^[^😀-😂]$',
  '^[\\x{ff00}-\\x{10400}]$',
  '^[\\x{103ff}-\\x{10801}]$',
  '(?i)^é$',
  '(?i)^[à-é]+$',
  '(?i)^σ+$',
  '(?i)^\\p{Lu}$',
  '(?i)^ß$',
  '(?i)^\\x{10400}$',
];
const texts = [
  '',
  'a',
  'b',
  'ab',
  'ABC',
  'abc',
  'aBC',
  'abC',
  'aaa',
  'é',
  'É',
  '😀',
  '😀a',
  'a😀',
  '\n',
  'a\nb',
  'x',
  'xy',
  'a x b',
  'a.b',
  'a-b',
  '-',
  ']',
  '\\',
  '5',
  '55',
  'k',
  'K',
  '\u212a',
  'ſ',
  'S',
  'aabbc',
  '\t\n',
  'a/b',
  '.X',
  '\uffff',
  '\u{10ffff}',
  '😃',
  'Σ',
  'ς',
  'σ',
  'ẞ',
  'ß',
  'ss',
  'İ',
  'ı',
  'i',
  '٣',
  '\u{10400}',
  '\u{10428}',
  '\u{10000}',
  '\uff21',
];

test('withoutUnicodeFlag() gives an expression that matches the same texts', () => {
  for (const pattern of patterns) {
    const source = translateGoRegex(pattern);
    const plain = withoutUnicodeFlag(source);
    for (const text of texts) {
      const expected = new RegExp(source, 'u').test(text);
      assert.equal(
        new RegExp(plain).test(text),
        expected,
        `${pattern} (${plain}) on ${JSON.stringify(text)}`,
      );
    }
  }
});

test('compileRegex() reads what is no word as Go does, without regard to case', () => {
  for (const text of ['k', 's', '\u212a', 'ſ']) {
    for (const pattern of ['(?i)^\\W$', '(?i)^[[:^upper:]]$', '(?i)^[[:^word:]]$', '(?i)^[^\\w]$']) {
      assert.equal(compileRegex(pattern).test(text), false, `${pattern} on ${text}`);
    }
    assert.equal(compileRegex('(?i)^[[:^digit:]]$').test(text), true);
  }
});

test('compileRegex() takes no longer for patterns that can share out a text in many ways', () => {
  // With an engine that tries each of the ways, any of these would outlast the process.
  for (const pattern of [
    '^(a+)+$',
    '^(a|a)*$',
    '(?i)^(A+)+$',
    '^(.*)*$',
    '(?s)^(.+)+$',
    '(?m)^(a+)+$',
    '^([^b]+)+$',
    '^(a?){60}a{60}$',
    '^(\\pL+)+$',
    '(?i)^(é|a+)+$',
    '^([a-z😀-😂]+)+$',
  ]) {
    assert.equal(compileRegex(pattern).test(`${'a'.repeat(50)}😀\nb`), pattern.startsWith('(?s)'), pattern);
  }
});
