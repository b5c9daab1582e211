import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFieldSelector } from './selector.ts';

test('parseFieldSelector() reads terms sorted, with escapes', () => {
  const selector = parseFieldSelector('spec.nodeName!=n,metadata.name==a\\,b');
  assert.deepEqual(selector.requirements, [
    { field: 'metadata.name', operator: '=', value: 'a,b' },
    { field: 'spec.nodeName', operator: '!=', value: 'n' },
  ]);
  assert.equal(selector.toString(), 'metadata.name=a\\,b,spec.nodeName!=n');
  assert.ok(selector.matches((field) => (field === 'metadata.name' ? 'a,b' : '')));
  assert.ok(!selector.matches(() => 'n'));
});

test('parseFieldSelector() fails with upstream texts', () => {
  assert.throws(() => parseFieldSelector('abc'), {
    message: "invalid selector: 'abc'; can't understand 'abc'",
  });
  for (const [text, message] of [
    ['a=b\\c', 'invalid escape sequence: \\c'],
    ['a=b\\', 'invalid escape sequence: \\'],
    ['a=b=c', 'unescaped character in value: 61'],
  ] as const) {
    assert.throws(() => parseFieldSelector(text), { message: `invalid field selector: ${message}` });
  }
});
