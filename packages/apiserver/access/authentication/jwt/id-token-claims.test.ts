import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TokenError } from '../token.ts';
import { readIdTokenClaims } from './id-token-claims.ts';

const unreadable = 'oidc: failed to unmarshal claims: ';
const misfits: readonly (readonly [claims: Record<string, unknown>, told: string])[] = [
  [{ sub: 5 }, `${unreadable}json: cannot unmarshal number into Go struct field idToken.sub of type string`],
  [
    { nonce: {} },
    `${unreadable}json: cannot unmarshal object into Go struct field idToken.nonce of type string`,
  ],
  [
    { aud: 5 },
    `${unreadable}json: cannot unmarshal number into Go struct field idToken.aud of type []string`,
  ],
  [
    { aud: ['a', true] },
    `${unreadable}json: cannot unmarshal bool into Go struct field idToken.aud of type string`,
  ],
  [
    { sub: 5, aud: 5 },
    `${unreadable}json: cannot unmarshal number into Go struct field idToken.aud of type []string`,
  ],
  [{ exp: null }, `${unreadable}strconv.ParseFloat: parsing "": invalid syntax`],
  [{ exp: 'x' }, `${unreadable}json: invalid number literal, trying to unmarshal "\\"x\\"" into Number`],
  [
    { iat: [] },
    `${unreadable}json: cannot unmarshal array into Go struct field idToken.iat of type json.Number`,
  ],
  [
    { _claim_names: 5 },
    `${unreadable}json: cannot unmarshal number into Go struct field idToken._claim_names of type map[string]string`,
  ],
  [
    { _claim_sources: { s: 5 } },
    `${unreadable}json: cannot unmarshal number into Go struct field idToken._claim_sources of type oidc.claimSource`,
  ],
  [{ _claim_names: { groups: '' } }, 'oidc: failed to obtain source from claim name'],
  [{ _claim_names: { groups: 's' } }, 'oidc: source does not exist'],
];

describe('readIdTokenClaims()', () => {
  for (const [claims, told] of misfits) {
    test(`refuses ${JSON.stringify(claims)} in upstream's words`, () => {
      assert.throws(
        () => readIdTokenClaims(claims),
        (error) => error instanceof TokenError && error.message === `oidc: verify token: ${told}`,
      );
    });
  }

  test('reads what upstream reads: null, one audience, numbers as texts', () => {
    assert.deepEqual(readIdTokenClaims({ aud: null, sub: null, nbf: null, exp: '12.7' }), {
      audiences: [''],
      expiry: 12,
    });
    assert.deepEqual(readIdTokenClaims({ aud: 'a', nbf: 3.9 }), { audiences: ['a'], notBefore: 3 });
    assert.deepEqual(readIdTokenClaims({ aud: ['a', null] }), { audiences: ['a', ''] });
  });
});
