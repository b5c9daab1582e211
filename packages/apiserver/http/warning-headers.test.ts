import assert from 'node:assert/strict';
import { validateHeaderValue } from 'node:http';
import { test } from 'node:test';
import { warningHeader, warningHeaders } from './warning-headers.ts';

test('warningHeader() writes the bytes of UTF-8', () => {
  assert.equal(warningHeader('unknown field "a\\b"'), '299 - "unknown field \\"a\\\\b\\""');
  const odd = warningHeader('unknown field "ü㦆😀"');
  validateHeaderValue('warning', odd);
  assert.equal(Buffer.from(odd, 'latin1').toString(), '299 - "unknown field \\"ü㦆😀\\""');
});

test('warningHeaders() leaves out what no header can say, as upstream does', () => {
  assert.deepEqual(warningHeaders(['', 'a', 'b\nc', 'd\u0000', 'e\u007f', 'f\u0085']), ['299 - "a"']);
});

test('warningHeaders() cuts many long warnings short, as upstream does', () => {
  const short = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(200, '.'));
  assert.deepEqual(warningHeaders(short), short.map(warningHeader));
  const long = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(300, '.'));
  assert.deepEqual(
    warningHeaders(long),
    long.slice(0, 16).map((text) => warningHeader(text.slice(0, 256))),
  );
});
