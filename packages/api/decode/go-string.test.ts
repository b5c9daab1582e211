import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goString } from './go-string.ts';

test('goString() gives each byte that is no UTF-8 a replacement character of its own', () => {
  assert.equal(goString(Buffer.from('aé😀')), 'aé😀');
  for (const [bytes, text] of [
    [[0x61, 0xe2, 0x80, 0x62], 'a\ufffd\ufffdb'],
    [[0xf0, 0x9f, 0x98], '\ufffd\ufffd\ufffd'],
    [[0xed, 0xa0, 0x80, 0xc3, 0xa9], '\ufffd\ufffd\ufffdé'],
    [[0xc0, 0x80], '\ufffd\ufffd'],
  ] as const) {
    assert.equal(goString(Uint8Array.from(bytes)), text);
  }
});
