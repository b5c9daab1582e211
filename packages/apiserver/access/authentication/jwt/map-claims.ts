import type { CelValue } from '@coxswain/cel';
import { goQuote } from '@coxswain/machinery';
import type { Claims } from '@coxswain/pki';
import type { UserInfo } from '../../contract.ts';
import { extraKeys } from '../../users.ts';
import { TokenError } from '../token.ts';
import { checkRules, EvaluationError, evaluate, textList } from './claim-expressions.ts';
import { claimsValue, userValue } from './claims-value.ts';
import { jsonKind } from './compact-jwt.ts';
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
    const extra = this.#extra(claims, values);
    const user: UserInfo = {
      name,
      ...(uid === '' ? {} : { uid }),
      groups,
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    };
    this.#checkRequired(claims);
    told('error evaluating claim validation expression: ', () => checkRules(claimRules, values));
    if (userRules.length > 0) {
      told('error evaluating user info validation rule: ', () => checkRules(userRules, userValue(user)));
    }
    return user;
  }

  #username(claims: Claims, values: Values): string {
    const { claim = '', prefix = '' } = this.#config.claimMappings.username;
    const expression = this.#expressions.username;
    if (expression !== undefined) {
      const name = told('error evaluating username claim expression: ', () =>
        text(evaluate(expression, values), 'username claim expression must return a string'),
      );
      if (name === '') throw new TokenError('oidc: empty username via CEL expression is not allowed');
      return name;
    }
    const name = textClaim(claims, claim, (why) => `oidc: parse username claims ${goQuote(claim)}: ${why}`);
    if (claim === 'email' && Object.hasOwn(claims, 'email_verified')) {
      const verified = claims['email_verified'];
      if (typeof verified !== 'boolean' && verified !== null) {
        throw new TokenError(`oidc: parse 'email_verified' claim: ${mismatch(verified, 'bool')}`);
      }
      if (verified !== true) throw new TokenError('oidc: email not verified');
    }
    return prefix + name;
  }

  #groups(claims: Claims, values: Values): readonly string[] {
    const { claim = '', prefix = '' }: PrefixedClaim = this.#config.claimMappings.groups ?? {};
    if (claim !== '' && Object.hasOwn(claims, claim)) {
      return groupList(claims[claim], claim).map((group) => prefix + group);
    }
    const expression = this.#expressions.groups;
    if (expression === undefined) return [];
    return told('error evaluating group claim expression: ', () => textList(evaluate(expression, values)));
  }

  #uid(claims: Claims, values: Values): string {
    const { claim = '' } = this.#config.claimMappings.uid ?? {};
    if (claim !== '')
      return textClaim(claims, claim, (why) => `oidc: parse uid claim ${goQuote(claim)}: ${why}`);
    const expression = this.#expressions.uid;
    if (expression === undefined) return '';
    return told('error evaluating uid claim expression: ', () =>
      text(evaluate(expression, values), 'uid claim expression must return a string'),
    );
  }

  #extra(claims: Claims, values: Values): Record<string, readonly string[]> {
    const made: Record<string, readonly string[]> = {};
    const { jti } = claims;
    if (typeof jti === 'string' && jti !== '') made[extraKeys.credentialId] = [`JTI=${jti}`];
    const mappings = this.#expressions.extra;
    // Upstream names no mapping here.
    const results = told('', () => mappings.map(({ expression }) => evaluate(expression, values)));
    for (const [i, { key, expression }] of mappings.entries()) {
      const list = told(`error evaluating extra claim expression: ${expression.source}: `, () =>
        textList(results[i] as CelValue),
      );
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

/** @throws {TokenError} for what fails within; `what` goes before its text, and without it nothing does */
function told<T>(what: string, evaluation: () => T): T {
  try {
    return evaluation();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new TokenError(what === '' ? error.message : `oidc: ${what}${error.message}`);
  }
}

function text(value: CelValue, fault: string): string {
  if (typeof value !== 'string') throw new EvaluationError(fault);
  return value;
}

/** A text or a list of texts; Go reads null as none of either. */
function groupList(value: unknown, claim: string): readonly string[] {
  if (value === null) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((item) => item === null || typeof item === 'string')) {
    return value.map((item) => item ?? '');
  }
  throw new TokenError(`oidc: parse groups claim ${goQuote(claim)}: ${mismatch(value, 'string')}`);
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
  return `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`;
}
