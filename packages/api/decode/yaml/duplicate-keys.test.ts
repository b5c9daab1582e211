import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from './parse-yaml.ts';

const told = (text: string): string[] => parseYaml(text).duplicates.split('\n').slice(1);

test('parseYaml() names each key at the line of its later value, in the order of reading', () => {
  const text = `metadata:
  name: a
  name: b
data:
  x: "1"
  x: "2" # again
  x: "3"
list:
- a: 1
  a: 2
- {b: 1, b: 2}
data:
  # below
  y: 1
1: a
1: b
empty:
empty:
`;
  assert.deepEqual(told(text), [
    '  line 3: key "name" already set in map',
    '  line 6: key "x" already set in map',
    '  line 7: key "x" already set in map',
    '  line 10: key "a" already set in map',
    '  line 11: key "b" already set in map',
    '  line 14: key "data" already set in map',
    '  line 16: key 1 already set in map',
    '  line 18: key "empty" already set in map',
  ]);
});

test('parseYaml() looks at the first document alone', () => {
  assert.equal(parseYaml('a: 1\n---\na: 1\na: 2\n').duplicates, '');
});
