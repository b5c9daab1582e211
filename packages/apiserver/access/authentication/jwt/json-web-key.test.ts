import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { readKeySet } from './key-set.ts';

const jwk = (curve: string): Record<string, unknown> => ({
  ...generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' }),
});
const good = { ...jwk('P-256'), kid: 'good' };
const { x: otherX } = jwk('P-256');

const malformed: readonly [Record<string, unknown> | string | number | null, string][] = [
  [null, "square/go-jose: unknown json web key type ''"],
  [5, 'json: cannot unmarshal number into Go value of type jose.rawJSONWebKey'],
  [{ kty: 'DH' }, "square/go-jose: unknown json web key type 'DH'"],
  [{ kty: 'RSA', n: 'AQAB' }, 'square/go-jose: invalid RSA key, missing n/e values'],
  [{ kty: 'RSA', n: '!', e: 'AQAB' }, 'illegal base64 data at input byte 0'],
  [
    { kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' },
    'square/go-jose: invalid RSA private key, missing P value(s)',
  ],
  [{ ...good, crv: 'secp256k1' }, "square/go-jose: unsupported elliptic curve 'secp256k1'"],
  [{ ...good, y: null }, 'square/go-jose: invalid EC key, missing x/y values'],
  [{ ...good, x: 'AQAB' }, 'square/go-jose: invalid EC public key, wrong length for x'],
  [{ ...good, x: otherX }, 'square/go-jose: invalid EC key, X/Y are not on declared curve'],
  [{ ...good, kid: 7 }, 'json: cannot unmarshal number into Go value of type string'],
  [{ ...good, use: true, kid: 7 }, 'json: cannot unmarshal number into Go value of type string'],
  [{ ...good, use: true, alg: [] }, 'json: cannot unmarshal bool into Go value of type string'],
  [{ ...good, x5t: 'AQAB' }, 'square/go-jose: invalid JWK, x5t header is of incorrect size'],
  [
    { ...good, x5c: ['!'] },
    'square/go-jose: failed to unmarshal x5c field: illegal base64 data at input byte 0',
  ],
  [{ kty: 'oct' }, 'square/go-jose: invalid OCT (symmetric) key, missing k value'],
  [{ kty: 'OKP', crv: 'X25519', x: 'AQAB' }, "square/go-jose: unknown curve X25519'"],
];

describe('readKeySet()', () => {
  test('has no key of a set in which one is malformed', () => {
    for (const [key, message] of malformed) {
      assert.throws(() => readKeySet({ keys: [good, key] }), { message }, JSON.stringify(key));
    }
  });

  test('passes over keys that are well-formed and verify nothing', () => {
    const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const secret = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    const keys = readKeySet({ keys: [{ kty: 'oct', k: 'AQAB' }, ed25519, secret, good] });
    assert.deepEqual(
      keys.map(({ id }) => id),
      ['good'],
    );
    assert.deepEqual(readKeySet(null), []);
    assert.deepEqual(readKeySet({}), []);
  });

  test('refuses what is no set', () => {
    assert.throws(() => readKeySet([]), {
      message: 'json: cannot unmarshal array into Go value of type jose.JSONWebKeySet',
    });
    assert.throws(() => readKeySet({ keys: 'a' }), {
      message:
        'json: cannot unmarshal string into Go struct field JSONWebKeySet.keys of type []jose.JSONWebKey',
    });
  });
});
