import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonAsYaml } from './json-as-yaml.ts';

test('jsonAsYaml() gives what JSON and YAML read alike, sorted by name', () => {
  const text = '{"b":[1,-0,{"d":"x\\n\\u00e9","c":null}],\n "a":true}';
  assert.equal(JSON.stringify(jsonAsYaml(text)), '{"a":true,"b":[1,0,{"c":null,"d":"x\\né"}]}');
});

for (const [what, text] of [
  ['a list', '[]'],
  ['broken JSON', '{"a":1'],
  ['a member twice', '{"a":1,"a":2}'],
  ['a number that is not plain', '{"a":1.0}'],
  ['an escaped slash', '{"a":"\\/"}'],
  ['half of a pair', '{"a":"\\ud83d\\ude00"}'],
  ['a line break of YAML', '{"a":"\u2028"}'],
  ['a control character', '{"a":"\u007f"}'],
  ['what may have been no UTF-8', '{"a":"\ufffd"}'],
  ['a key too long for YAML', `{"${'k'.repeat(1025)}":1}`],
] as const) {
  test(`jsonAsYaml() leaves ${what} to the parser`, () => assert.equal(jsonAsYaml(text), undefined));
}
