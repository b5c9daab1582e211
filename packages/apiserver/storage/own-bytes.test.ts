import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownBytes, ownCopy } from './own-bytes.ts';

for (const text of ['', 'plain', 'größer', '你好', '🙂', 'x'.repeat(100_000), '\ud800 alone']) {
  test(`ownBytes() is UTF-8 in memory of its own: ${JSON.stringify(text.slice(0, 10))}`, () => {
    const bytes = ownBytes(text);
    assert.deepEqual(bytes, Buffer.from(text));
    assert.equal(bytes.buffer.byteLength, bytes.length);
  });
}

test('ownCopy() has memory of its own', () => {
  const copy = ownCopy(Buffer.from('abc'));
  assert.equal(copy.toString(), 'abc');
  assert.equal(copy.buffer.byteLength, 3);
});
