import { type Claims, parseJwt } from '@coxswain/pki';
import { TokenError } from '../token.ts';
import { type IdTokenRules, issuerOf, verifyIdToken } from './id-token.ts';
import type { IssuerFetcher } from './issuer-fetcher.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface DistributedClaimsOptions {
  /** The claim that may be elsewhere. */
  readonly claim: string;
  readonly rules: IdTokenRules;
  readonly fetcher: IssuerFetcher;
  /** The keys of another issuer, looked for from now on. */
  readonly keysOf: (issuer: string) => IssuerKeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Gets a claim that a token only says the source of (OpenID Connect Core 1.0, section 5.6.2). */
export class DistributedClaims {
  readonly #options: DistributedClaimsOptions;
  readonly #issuers = new Map<string, IssuerKeys>();

  constructor(options: DistributedClaimsOptions) {
    this.#options = options;
  }

  /**
   * The claims with the one that is elsewhere; themselves when it is not.
   * @throws {TokenError} with upstream's text, or rejects with it
   */
  expand(claims: Claims): Claims | Promise<Claims> {
    const { claim } = this.#options;
    const [names, sources] = [claims['_claim_names'], claims['_claim_sources']];
    if (Object.hasOwn(claims, claim) || !isObject(names) || !isObject(sources)) return claims;
    const source = names[claim];
    if (typeof source !== 'string') return claims;
    const endpoint = sources[source];
    if (!isObject(endpoint)) {
      throw refusal(`id token _claim_names contained a source ${source} missing in _claims_sources`);
    }
    const { endpoint: url, access_token: token } = endpoint;
    // one that is within the token itself is not looked at, as upstream does not
    if (typeof url !== 'string' || url === '') return claims;
    return this.#resolve(url, typeof token === 'string' ? token : '').then((value) => ({
      ...claims,
      [claim]: value,
    }));
  }

  close(): void {
    for (const keys of this.#issuers.values()) keys.close();
  }

  async #resolve(url: string, token: string): Promise<unknown> {
    const { claim, rules, fetcher, now } = this.#options;
    let text: string;
    try {
      text = await fetcher.text(url, token === '' ? {} : { authorization: `Bearer ${token}` });
    } catch (error) {
      throw refusal(`while getting distributed claim ${JSON.stringify(claim)}: ${(error as Error).message}`);
    }
    const jwt = parseJwt(text.trim());
    if (jwt === undefined) {
      throw refusal(
        `getting untrusted issuer from endpoint ${url} failed for claim ${JSON.stringify(claim)}: malformed token`,
      );
    }
    const issuer = issuerOf(jwt);
    const keys = this.#keysOf(issuer).keys;
    if (keys === undefined) {
      throw refusal(
        `verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: ${JSON.stringify(issuer)}`,
      );
    }
    try {
      await verifyIdToken(jwt, rules, keys, now());
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      throw refusal(`verify distributed claim token: ${error.message.replace('oidc: verify token: ', '')}`);
    }
    if (!Object.hasOwn(jwt.claims, claim)) {
      throw refusal(
        `jwt returned by distributed claim endpoint ${JSON.stringify(url)} did not contain claim: ${claim}`,
      );
    }
    return jwt.claims[claim];
  }

  #keysOf(issuer: string): IssuerKeys {
    let keys = this.#issuers.get(issuer);
    if (keys === undefined) {
      keys = this.#options.keysOf(issuer);
      this.#issuers.set(issuer, keys);
    }
    return keys;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(why: string): TokenError {
  return new TokenError(`oidc: could not expand distributed claims: ${why}`);
}
