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
    /server does not recognize this encoded version $/,
  );
});

test('decodeContinue() names what is wrong in a token', () => {
  const texts: readonly (readonly [json: string, detail: string])[] = [
    ['{"v":', 'unexpected end of JSON input'],
    ['[1]', 'json: cannot unmarshal array into Go value of type storage.continueToken'],
    [
      '{"v":"meta.k8s.io/v1","rv":"x"}',
      'json: cannot unmarshal string into Go struct field continueToken.rv of type int64',
    ],
    ['{"v":"v9","rv":1}', 'server does not recognize this encoded version v9'],
    [
      '{"v":"meta.k8s.io/v1","start":"a"}',
      'incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    ],
    ['{"v":"meta.k8s.io/v1","rv":1}', 'encoded start key empty (version meta.k8s.io/v1)'],
    ['{"v":"meta.k8s.io/v1","rv":1,"start":"../a"}', '../a'],
    ['{"v":"meta.k8s.io/v1","rv":1,"start":"a//b"}', 'a//b'],
  ];
  for (const [json, detail] of texts) {
    assert.throws(() => decodeContinue(Buffer.from(json).toString('base64url')), {
      code: 400,
      message: `invalid continue token: continue key is not valid: ${detail}`,
    });
  }
});
