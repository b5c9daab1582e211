import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NumberLiteral } from '../json-parser.ts';
import { parseYaml } from './parse-yaml.ts';

const texts: readonly (readonly [text: string, value: unknown])[] = [
  ['', null],
  ['---\n', null],
  ['# c\na: 1 # d\nb#: c#d\n', { a: 1, 'b#': 'c#d' }],
  [
    'a: |\n  one\n    two\n\n  three\nb: >-\n  folded\n  text\n\n  more\n',
    { a: 'one\n  two\n\nthree\n', b: 'folded text\nmore' },
  ],
  ['a: |+2\n   x\n\n\nb: |-\n  y\n\n', { a: ' x\n\n\n', b: 'y' }],
  ["a: \"x\\ty \\u00e9\\x41 \\\n   z\"\nb: 'it''s'\n", { a: 'x\ty éA z', b: "it's" }],
  ['a: one\n  two\n\n  three\n', { a: 'one two\nthree' }],
  ['a:\n- 1\n- - 2\n  - 3\n-\n- b: c\n  d: e\n', { a: [1, [2, 3], null, { b: 'c', d: 'e' }] }],
  [
    '{a: [b, c: d, {e}], ? f : g, "h":i, j:k}',
    { a: ['b', { c: 'd' }, { e: null }], f: 'g', h: 'i', 'j:k': null },
  ],
  ['? a\n: b\n? c\n', { a: 'b', c: null }],
  [
    '%TAG !e! tag:example.com:\n---\na: !!str 1\nb: !!float 2\nc: !e!x y\nd: !<tag:yaml.org,2002:int> "3"\n',
    { a: '1', b: 2, c: 'y', d: 3 },
  ],
  [
    'a: 1e3\nb: 0o17\nc: 017\nd: -0x1F\ne: 12:30:45\nf: .5\ng: 1e400\nh: 08\n',
    { a: 1000, b: 15, c: 15, d: -31, e: '12:30:45', f: 0.5, g: '1e400', h: 8 },
  ],
  ['b: 1\na: 2\nB: 3\n', { B: 3, a: 2, b: 1 }],
  [
    'a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\ne:\n  c: 3\n  <<: [*x, {c: 4, f: 5}]\n',
    { a: { b: 1, c: 2 }, d: { b: 1, c: 3 }, e: { b: 1, c: 2, f: 5 } },
  ],
  ['yes: 1\n1: 2\n1.5: 3\n', { 1: 2, 1.5: 3, true: 1 }],
  ['a: 1\n---\nb: [\n', { a: 1 }],
  ['a: 1\n...\nb: [\n', { a: 1 }],
  ['{}a: 1', {}],
  ['\ufeffa: 1\n', { a: 1 }],
];

for (const [text, value] of texts) {
  test(`parseYaml() reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseYaml(text).value, value);
    assert.equal(JSON.stringify(parseYaml(text).value), JSON.stringify(value));
  });
}

test('parseYaml() keeps integers that no double holds as they are', () => {
  const { value } = parseYaml('a: 18446744073709551615\nb: 18446744073709551616\n');
  assert.deepEqual(value, { a: new NumberLiteral('18446744073709551615'), b: 18446744073709552000 });
});

const faults: readonly (readonly [text: string, message: string])[] = [
  ['a: b: c\n', 'yaml: mapping values are not allowed in this context'],
  ['a: 1\nb: c: d\n', 'yaml: line 2: mapping values are not allowed in this context'],
  ['a:\n\t- b\n', 'yaml: line 2: found character that cannot start any token'],
  ['a: 1\n\tb: 2\n', 'yaml: line 2: found a tab character that violates indentation'],
  ['a: |\n\tx\n', 'yaml: line 2: found a tab character where an indentation space is expected'],
  ['a: @b\n', 'yaml: found character that cannot start any token'],
  ['a: "b\n', 'yaml: line 2: found unexpected end of stream'],
  ["a: 'b\n---\n", 'yaml: line 2: found unexpected document indicator'],
  ['a: "\\q"\n', 'yaml: found unknown escape character'],
  ['a: "\\ud800"\n', 'yaml: found invalid Unicode character escape code'],
  ['a: "\\xg0"\n', 'yaml: did not find expected hexdecimal number'],
  ['a: [1, 2\nb: 3\n', "yaml: line 1: did not find expected ',' or ']'"],
  ['a: {b: 1\n', "yaml: line 1: did not find expected ',' or '}'"],
  ['a: 1\n b: 2\n', 'yaml: line 2: mapping values are not allowed in this context'],
  ['a:\n  b: 1\n c: 2\n', 'yaml: line 2: did not find expected key'],
  ['- a\nb: c\n', "yaml: line 1: did not find expected '-' indicator"],
  ['a\nb: c\n', 'yaml: line 2: mapping values are not allowed in this context'],
  ['a: 1\nb\nc: 2\n', "yaml: line 3: could not find expected ':'"],
  ['a: - b\n', 'yaml: block sequence entries are not allowed in this context'],
  ['a: *b\n', "yaml: unknown anchor 'b' referenced"],
  ['&a [*a]\n', "yaml: anchor 'a' value contains itself"],
  ['a: &\n', 'yaml: did not find expected alphabetic or numeric character'],
  ['a: !x!y z\n', 'yaml: found undefined tag handle'],
  ['a: !!int b\n', 'yaml: cannot decode !!str `b` as a !!int'],
  ['a: !!binary "?"\n', 'yaml: !!binary value contains invalid base64 data'],
  [
    'a: {{ .Values.b }}\n',
    'yaml: invalid map key: map[interface {}]interface {}{".Values.b":interface {}(nil)}',
  ],
  ['<<: 1\n', 'yaml: map merge requires map or sequence of maps as the value'],
  ['~: 1\n', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: 1'],
  ['a: .inf\n', 'json: unsupported value: +Inf'],
  ['a: |0\n  b\n', 'yaml: found an indentation indicator equal to 0'],
  ['%YAML 1.2\n---\na: 1\n', 'yaml: found incompatible YAML document'],
  ['%FOO\n---\n', 'yaml: found unknown directive name'],
  ['%YAML 1.1\na: 1\n', 'yaml: line 1: did not find expected <document start>'],
  ['a: b\u0007\n', 'yaml: control characters are not allowed'],
];

for (const [text, message] of faults) {
  test(`parseYaml() says ${message}`, () => {
    assert.throws(() => parseYaml(text), { name: 'YamlSyntaxError', message });
  });
}

test('parseYaml() meets a forbidden character with the 512 bytes around it', () => {
  const far = `a: [1}\n${'#'.repeat(1000)}\u0007\n`;
  assert.throws(() => parseYaml(far), { message: "yaml: did not find expected ',' or ']'" });
  assert.throws(() => parseYaml('a: [1}\n\u0007\n'), { message: 'yaml: control characters are not allowed' });
});

test('parseYaml() says what is wrong with bytes that are no UTF-8', () => {
  const told = (...bytes: number[]): void => {
    parseYaml(Buffer.from([0x61, ...bytes]));
  };
  assert.throws(() => told(0xff), { message: 'yaml: invalid leading UTF-8 octet' });
  assert.throws(() => told(0xc3), { message: 'yaml: incomplete UTF-8 octet sequence' });
  assert.throws(() => told(0xc3, 0x28), { message: 'yaml: invalid trailing UTF-8 octet' });
  assert.throws(() => told(0xc0, 0x80), { message: 'yaml: invalid length of a UTF-8 sequence' });
  assert.throws(() => told(0xed, 0xa0, 0x80), { message: 'yaml: invalid Unicode character' });
});
