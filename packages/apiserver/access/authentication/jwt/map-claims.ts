import type { CelValue } from '@coxswain/cel';
import type { Claims } from '@coxswain/pki';
import type { UserInfo } from '../../contract.ts';
import { TokenError } from '../token.ts';
import { checkRules, claimsValue, evaluate, textList, userValue } from './claim-expressions.ts';
import type { ClaimExpressions } from './compile-claims.ts';
import type { JwtConfig, PrefixedClaim } from './configuration.ts';

type Values = Readonly<Record<string, CelValue>>;

/** Makes users of the claims of verified tokens, as one authenticator's configuration says. */
export class ClaimMapper {
  readonly #config: JwtConfig;
  readonly #expressions: ClaimExpressions;
  readonly #usesClaims: boolean;

  constructor(config: JwtConfig, expressions: ClaimExpressions) {
    this.#config = config;
    this.#expressions = expressions;
    const { username, groups, uid, extra, claimRules } = expressions;
    this.#usesClaims =
      [username, groups, uid].some((one) => one !== undefined) || extra.length > 0 || claimRules.length > 0;
  }

  /** @throws {TokenError} with upstream's text when a claim is missing, of a wrong type, or against a rule */
  userOf(claims: Claims): UserInfo {
    const { claimRules, userRules } = this.#expressions;
    const values = this.#usesClaims ? claimsValue(claims) : {};
    const name = this.#username(claims, values);
    const groups = this.#groups(claims, values);
    const uid = this.#uid(claims, values);
    const extra = this.#extra(values);
    const user: UserInfo = {
      name,
      ...(uid === '' ? {} : { uid }),
      groups,
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    };
    this.#checkRequired(claims);
    checkRules(claimRules, values, 'oidc: error evaluating claim validation expression');
    if (userRules.length > 0) {
      checkRules(userRules, userValue(user), 'oidc: error evaluating user info validation rule');
    }
    return user;
  }

  #username(claims: Claims, values: Values): string {
    const { claim = '', prefix = '' } = this.#config.claimMappings.username;
    const expression = this.#expressions.username;
    const what = 'oidc: error evaluating username claim expression';
    if (expression !== undefined) {
      return text(
        evaluate(expression, values, what),
        `${what}: username claim expression must return a string`,
      );
    }
    const name = textClaim(
      claims,
      claim,
      (why) => `oidc: parse username claims ${JSON.stringify(claim)}: ${why}`,
    );
    if (claim === 'email' && Object.hasOwn(claims, 'email_verified')) {
      const verified = claims['email_verified'];
      if (typeof verified !== 'boolean') {
        throw new TokenError(`oidc: parse 'email_verified' claim: ${mismatch(verified, 'bool')}`);
      }
      if (!verified) throw new TokenError('oidc: email not verified');
    }
    return prefix + name;
  }

  #groups(claims: Claims, values: Values): readonly string[] {
    const { claim = '', prefix = '' }: PrefixedClaim = this.#config.claimMappings.groups ?? {};
    if (claim !== '' && Object.hasOwn(claims, claim)) {
      const value = claims[claim];
      const list = typeof value === 'string' ? [value] : (value ?? []);
      if (!Array.isArray(list) || list.some((item) => typeof item !== 'string')) {
        throw new TokenError(
          `oidc: parse groups claim ${JSON.stringify(claim)}: ${mismatch(value, 'string')}`,
        );
      }
      return list.map((group) => prefix + group);
    }
    const expression = this.#expressions.groups;
    if (expression === undefined) return [];
    const what = 'oidc: error evaluating group claim expression';
    return textList(evaluate(expression, values, what), what);
  }

  #uid(claims: Claims, values: Values): string {
    const { claim = '' } = this.#config.claimMappings.uid ?? {};
    if (claim !== '')
      return textClaim(claims, claim, (why) => `oidc: parse uid claim ${JSON.stringify(claim)}: ${why}`);
    const expression = this.#expressions.uid;
    if (expression === undefined) return '';
    const what = 'oidc: error evaluating uid claim expression';
    return text(evaluate(expression, values, what), `${what}: uid claim expression must return a string`);
  }

  #extra(values: Values): Record<string, readonly string[]> {
    const made: Record<string, readonly string[]> = {};
    for (const { key, expression } of this.#expressions.extra) {
      const value = evaluate(expression, values, 'oidc: error evaluating extra claim expression');
      const list = textList(value, `oidc: error evaluating extra claim expression: ${expression.source}`);
      if (list.length > 0) made[key] = list;
    }
    return made;
  }

  #checkRequired(claims: Claims): void {
    for (const { claim = '', requiredValue = '' } of this.#config.claimValidationRules ?? []) {
      if (claim === '') continue;
      if (!Object.hasOwn(claims, claim)) {
        throw new TokenError(`oidc: required claim ${claim} not present in ID token`);
      }
      const value = textClaim(claims, claim, (why) => `oidc: parse claim ${claim}: ${why}`);
      if (value !== requiredValue) {
        throw new TokenError(
          `oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`,
        );
      }
    }
  }
}

function text(value: CelValue, fault: string): string {
  if (typeof value !== 'string') throw new TokenError(fault);
  return value;
}

function textClaim(claims: Claims, name: string, fault: (why: string) => string): string {
  if (!Object.hasOwn(claims, name)) throw new TokenError(fault('claim not present'));
  const value = claims[name];
  // Go reads null as no text
  if (value === null) return '';
  if (typeof value !== 'string') throw new TokenError(fault(mismatch(value, 'string')));
  return value;
}

function mismatch(value: unknown, wanted: string): string {
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${type} into Go value of type ${wanted}`;
}
