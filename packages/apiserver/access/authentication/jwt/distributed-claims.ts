import { goQuote } from '@coxswain/machinery';
import type { Claims } from '@coxswain/pki';
import { TokenError } from '../token.ts';
import { readCompactJwt } from './compact-jwt.ts';
import { type IdTokenRules, verifyIdToken } from './id-token.ts';
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

/** Where a claim is. */
interface Endpoint {
  readonly endpoint?: string | null;
  readonly access_token?: string | null;
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
    if (Object.hasOwn(claims, claim) || !Object.hasOwn(claims, '_claim_names')) return claims;
    // That they are of these types was seen when the token was verified.
    const names = (claims['_claim_names'] ?? {}) as Readonly<Record<string, string | null>>;
    if (!Object.hasOwn(claims, '_claim_sources')) throw refusal('oidc: no claim sources');
    const sources = (claims['_claim_sources'] ?? {}) as Readonly<Record<string, Endpoint | null>>;
    const source = names[claim];
    if (source === undefined || source === null) return claims;
    const endpoint = sources[source] ?? {};
    const { endpoint: url, access_token: token } = endpoint;
    // one that is within the token itself is not looked at, as upstream does not
    if (!url) return claims;
    return this.#resolve(url, token ?? '').then((value) => ({
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
      const answer = await fetcher.get(url, token === '' ? '' : `Bearer ${token}`);
      if (answer.code > 226) throw new Error(`error while getting distributed claim JWT: ${answer.status}`);
      ({ text } = answer);
    } catch (error) {
      throw refusal(`while getting distributed claim ${goQuote(claim)}: ${(error as Error).message}`);
    }
    const jwt = readCompactJwt(text);
    if ('fault' in jwt) {
      throw refusal(
        `getting untrusted issuer from endpoint ${url} failed for claim ${goQuote(claim)}: ${jwt.fault}`,
      );
    }
    const { issuer } = jwt;
    const keys = this.#keysOf(issuer).keys;
    if (keys === undefined) {
      throw refusal(
        `verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: ${goQuote(issuer)}`,
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
        `jwt returned by distributed claim endpoint ${goQuote(url)} did not contain claim: ${claim}`,
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

function refusal(why: string): TokenError {
  return new TokenError(`oidc: could not expand distributed claims: ${why}`);
}
