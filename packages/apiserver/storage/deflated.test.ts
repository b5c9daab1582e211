import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import { combineCrc, crcShift } from './crc32.ts';
import { deflated } from './deflated.ts';

const texts = ['a', '', 'b'.repeat(100_000), 'ü', 'a'].map((text) => Buffer.from(text));

test('combineCrc() is the CRC of the whole', () => {
  const whole = texts.reduce((crc, text) => combineCrc(crc, crc32(text), crcShift(text.length)), 0);
  assert.equal(whole, crc32(Buffer.concat(texts)));
});

test('deflated() pieces make one stream in any order', () => {
  const pieces = texts.map((text) => deflated(text).bytes);
  const end = deflated(Buffer.from('end'), true).bytes;
  assert.equal(
    inflateRawSync(Buffer.concat([...pieces.toReversed(), end])).toString(),
    `${texts.toReversed().join('')}end`,
  );
});
