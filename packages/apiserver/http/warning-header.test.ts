import assert from 'node:assert/strict';
import { validateHeaderValue } from 'node:http';
import { test } from 'node:test';
import { warningHeader } from './reply.ts';

test('warningHeader() writes the bytes of UTF-8 and nothing that ends a header', () => {
  assert.equal(warningHeader('unknown field "a\\b"'), '299 - "unknown field \\"a\\\\b\\""');
  const odd = warningHeader('unknown field "\u0000ü㦆😀\r\n\u007f"');
  validateHeaderValue('warning', odd);
  assert.equal(Buffer.from(odd, 'latin1').toString(), '299 - "unknown field \\" ü㦆😀 \\""');
});
