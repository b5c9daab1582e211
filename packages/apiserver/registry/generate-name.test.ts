import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateName } from './generate-name.ts';

test('generateName() appends five characters and keeps within a label', () => {
  assert.match(generateName('web-', Math.random), /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(
    generateName('x'.repeat(80), () => 0),
    `${'x'.repeat(58)}bbbbb`,
  );
});
