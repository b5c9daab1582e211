import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeContinue, encodeContinue } from './continue-token.ts';

test('decodeContinue() reads what encodeContinue() wrote', () => {
  const token = { revision: 42, start: 'default/a\u0000' };
  assert.deepEqual(decodeContinue(encodeContinue(token)), token);
});

test("decodeContinue() refuses other texts in upstream's words", () => {
  assert.throws(
    () => decodeContinue('garbage'),
    /continue key is not valid: invalid character '\\u0081' looking/,
  );
  assert.throws(() => decodeContinue('a b'), /illegal base64 data at input byte 1/);
  const escaping = encodeContinue({ revision: 1, start: '../secrets/x' });
  assert.throws(() => decodeContinue(escaping), /continue key is not valid/);
});

test('decodeContinue() takes null for a token without anything', () => {
  assert.throws(
    () => decodeContinue(Buffer.from('null').toString('base64url')),
    /server does not recognize this encoded version ""/,
  );
});
