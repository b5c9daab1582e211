import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FieldPath } from '@coxswain/machinery';
import { TokenError } from '../token.ts';
import { compileClaims } from './compile-claims.ts';
import type { JwtConfig } from './configuration.ts';
import { ClaimMapper } from './map-claims.ts';

function mapper(config: Partial<JwtConfig>): ClaimMapper {
  const whole: JwtConfig = {
    issuer: {},
    claimMappings: { username: { claim: 'sub', prefix: '' } },
    ...config,
  };
  const errors: never[] = [];
  const expressions = compileClaims(whole, FieldPath.root('jwt'), errors);
  assert.deepEqual(errors, []);
  return new ClaimMapper(whole, expressions);
}

const byExpression = (expression: string): ClaimMapper =>
  mapper({ claimMappings: { username: { expression } } });

function refusal(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    assert.ok(error instanceof TokenError);
    return error.message;
  }
  return 'none';
}

describe('ClaimMapper', () => {
  test('gives expressions names with escapes, and doubles for all numbers', () => {
    const claims = { 'a.b': 'x', namespace: 'n', deep: [{ 'm-n': 'd' }], n: 5, big: 1e6 };
    for (const [expression, name] of [
      ['claims.a__dot__b', 'x'],
      ['claims.__namespace__', 'n'],
      ['claims.deep[0].m__dash__n', 'd'],
      ['type(claims.n) == double ? "double" : "other"', 'double'],
      ['string(claims.n)', '5'],
      ['string(claims.big)', '1e+06'],
    ] as const) {
      assert.equal(byExpression(expression).userOf(claims).name, name, expression);
    }
    assert.equal(
      refusal(() => byExpression('claims.x__bad__y').userOf({ x__bad__y: 'z' })),
      "oidc: error evaluating username claim expression: expression 'claims.x__bad__y' resulted in error: no such key: x__bad__y",
    );
  });

  test('lets expressions read the fields of what they are about, and do nothing else with it', () => {
    const claims = { sub: 'jane', role: 'a' };
    for (const expression of [
      '"sub" in claims ? "a" : "b"',
      'string(size(claims))',
      'string("sub" in claims)',
    ]) {
      const text = expression.includes('size') ? 'no such overload: size' : 'no such overload';
      assert.equal(
        refusal(() => byExpression(expression).userOf(claims)),
        `oidc: error evaluating username claim expression: expression '${expression}' resulted in error: ${text}`,
      );
    }
    const groups = mapper({
      claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { expression: 'claims.map(c, c)' } },
    });
    assert.deepEqual(groups.userOf(claims).groups, ['jane', 'a']);
    assert.equal(byExpression('string(type(claims) == type(claims.sub))').userOf(claims).name, 'false');
  });

  test("refuses users in upstream's words", () => {
    assert.equal(
      refusal(() => byExpression('claims.sub').userOf({ sub: '' })),
      'oidc: empty username via CEL expression is not allowed',
    );
    assert.equal(
      refusal(() => byExpression('claims.sub').userOf({ sub: 5 })),
      'oidc: error evaluating username claim expression: username claim expression must return a string',
    );
    const username = { claim: 'sub', prefix: '' };
    const extra = [{ key: 'e.example/x', valueExpression: 'claims.x' }];
    const extras = mapper({ claimMappings: { username, extra } });
    assert.equal(
      refusal(() => extras.userOf({ sub: 'a' })),
      "expression 'claims.x' resulted in error: no such key: x",
    );
    assert.equal(
      refusal(() => extras.userOf({ sub: 'a', x: 5 })),
      'oidc: error evaluating extra claim expression: claims.x: expression must return a string or a list of strings',
    );
    const rules = [{ expression: 'claims.a == "1"', message: 'one' }, { expression: 'claims.b == "2"' }];
    assert.equal(
      refusal(() => mapper({ claimValidationRules: rules }).userOf({ sub: 'a', a: '', b: '' })),
      `oidc: error evaluating claim validation expression: validation expression 'claims.a == "1"' failed: one`,
    );
    assert.equal(
      refusal(() => mapper({ claimValidationRules: rules }).userOf({ sub: 'a', a: '' })),
      `oidc: error evaluating claim validation expression: expression 'claims.b == "2"' resulted in error: no such key: b`,
    );
  });

  test('notes the id of the credential, and reads null as Go does', () => {
    const groups = { claim: 'groups', prefix: 'g:' };
    const mapped = mapper({ claimMappings: { username: { claim: 'sub', prefix: '' }, groups } });
    assert.deepEqual(mapped.userOf({ sub: 'a', jti: 'x', groups: ['b', null] }), {
      name: 'a',
      groups: ['g:b', 'g:'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=x'] },
    });
    assert.deepEqual(mapped.userOf({ sub: null, jti: 5, groups: null }), { name: '', groups: [] });
    const email = mapper({ claimMappings: { username: { claim: 'email', prefix: '' } } });
    assert.equal(
      refusal(() => email.userOf({ email: 'a@b', email_verified: null })),
      'oidc: email not verified',
    );
  });
});
