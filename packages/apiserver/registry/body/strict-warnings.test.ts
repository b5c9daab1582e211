import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strictWarnings } from './strict-warnings.ts';

test('strictWarnings() are one for each line that YAML tells', () => {
  const lines = ['  line 2: key "a" already set in map', '  line 5: key "b" already set in map'];
  const told = lines.map((line) => line.trim());
  const yaml = ['yaml: unmarshal errors:', ...lines].join('\n');
  assert.deepEqual(strictWarnings([yaml, 'unknown field "x"']), [...told, 'unknown field "x"']);
  assert.deepEqual(strictWarnings([`error converting YAML to JSON: ${yaml}`]), told);
});
