import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeOfKind } from '../facts.ts';
import { decodeYaml, splitYamlDocuments } from './decode-yaml.ts';

const parse = (text: string): unknown => decodeYaml(text, undefined, { strict: false }).object;

test('decodeYaml() reads scalars as YAML 1.1 does', () => {
  const text =
    'a: yes\nb: "yes"\nc: 0777\nd: 0x1F\ne: 1_000\nf: 1e+3\ng: 2024-01-01\nh: ~\ni: 1.5\nj: 08\nk: off\nl: =\n1: x\n';
  assert.deepEqual(parse(text), {
    a: true,
    b: 'yes',
    c: 511,
    d: 31,
    e: 1000,
    f: 1000,
    g: '2024-01-01',
    h: null,
    i: 1.5,
    j: 8,
    k: false,
    l: '=',
    1: 'x',
  });
  assert.deepEqual(parse('a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n'), { a: { b: 1 }, c: { b: 1, d: 2 } });
});

test('decodeYaml() says what go-yaml says when the text is no YAML', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['a: [1\nb', "yaml: line 2: did not find expected ',' or ']'"],
    ['a: *b\n', "yaml: unknown anchor 'b' referenced"],
  ];
  for (const [text, message] of texts) assert.throws(() => parse(text), { message }, text);
});

test('decodeYaml() tells repeated keys and unknown fields when strict', () => {
  const type = typeOfKind({ group: '', version: 'v1', kind: 'ConfigMap' });
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  nam: y\ndata:\n  a: "1"\n  a: "2"\n';
  const { object, strictErrors } = decodeYaml(text, type, { strict: true });
  assert.deepEqual(strictErrors, [
    'yaml: unmarshal errors:\n  line 8: key "a" already set in map',
    'unknown field "metadata.nam"',
  ]);
  assert.deepEqual(object.data, { a: '2' });
});

test('splitYamlDocuments() splits at separators and leaves empty documents out', () => {
  assert.deepEqual(splitYamlDocuments('---\n# a\n---\na: 1\n--- # c\nb: |\n  ---x\n---\n'), [
    'a: 1\n',
    'b: |\n  ---x\n',
  ]);
});
