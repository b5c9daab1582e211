import { type Clock, goQuote } from '@coxswain/machinery';
import { type Claims, legacyTokenIssuer, parseJwt, type VerificationKey, verifyJwt } from '@coxswain/pki';
import { type TokenAuthentication, type TokenAuthenticator, TokenError } from '../authentication/token.ts';
import type { ObjectReader, UserInfo } from '../contract.ts';
import { checkBoundClaims, userOfBoundClaims } from './bound-token.ts';
import { audiencesOf, type BoundClaims } from './claims.ts';
import { checkLegacyToken } from './legacy-token.ts';

interface Verified {
  readonly claims: Claims;
  readonly audiences: readonly string[];
  /** Absent for legacy tokens, whose user is made when they are checked. */
  readonly user: UserInfo | undefined;
}

/** How many tokens whose signature was verified are remembered: each pod has one, renewed hourly. */
const remembered = 8192;

/** What the authenticator works with. */
export interface ServiceAccountTokenOptions {
  /** Accepted issuers; the first one issues. */
  readonly issuers: readonly string[];
  /** Audiences of this server. */
  readonly audiences: readonly string[];
  readonly keys: readonly VerificationKey[];
}

/**
 * Tokens of service accounts. A signature is verified once a token; its times and what it is bound to are
 * checked at every use, so that a token ends with its pod.
 */
export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #options: ServiceAccountTokenOptions;
  readonly #reader: ObjectReader;
  readonly #clock: Clock;
  readonly #verified = new Map<string, Verified>();

  constructor(options: ServiceAccountTokenOptions, reader: ObjectReader, clock: Clock) {
    this.#options = options;
    this.#reader = reader;
    this.#clock = clock;
  }

  authenticateToken(token: string, asked?: readonly string[]): TokenAuthentication | undefined {
    const verified = this.#verified.get(token) ?? this.#verify(token);
    if (verified === undefined) return undefined;
    const audiences = this.#audiences(verified.audiences, asked);
    if (verified.user === undefined) {
      return { user: checkLegacyToken(token, verified.claims, this.#reader), audiences };
    }
    checkBoundClaims(verified.claims as unknown as BoundClaims, this.#reader, this.#clock);
    return { user: verified.user, audiences };
  }

  #verify(token: string): Verified | undefined {
    const jwt = parseJwt(token);
    if (jwt === undefined) return undefined;
    const issuer = jwt.claims['iss'];
    const legacy = issuer === legacyTokenIssuer;
    if (!legacy && !this.#options.issuers.includes(issuer as string)) return undefined;
    if (!verifyJwt(jwt, this.#options.keys))
      throw new TokenError('go-jose/go-jose: error in cryptographic primitive');
    const bound = jwt.claims as unknown as BoundClaims;
    if (!legacy && !isBound(bound)) {
      throw new TokenError(
        'service account token claims could not be validated due to unexpected validation error',
      );
    }
    const verified: Verified = {
      claims: jwt.claims,
      audiences: audiencesOf(jwt.claims),
      user: legacy ? undefined : userOfBoundClaims(bound),
    };
    if (this.#verified.size >= remembered) {
      this.#verified.delete(this.#verified.keys().next().value as string);
    }
    this.#verified.set(token, verified);
    return verified;
  }

  #audiences(ofToken: readonly string[], asked: readonly string[] | undefined): readonly string[] {
    const own = this.#options.audiences;
    const has = ofToken.length === 0 ? own : ofToken;
    const wanted = asked ?? own;
    const shared = has.filter((audience) => wanted.includes(audience));
    if (shared.length === 0 && own.length > 0) {
      throw new TokenError(
        `token audiences ${goList(has)} is invalid for the target audiences ${goList(wanted)}`,
      );
    }
    return shared;
  }
}

function isBound(claims: BoundClaims): boolean {
  const own = claims['kubernetes.io'];
  return typeof claims.exp === 'number' && typeof own?.serviceaccount?.name === 'string';
}

/** Go's %q of a list of texts. */
function goList(items: readonly string[]): string {
  return `[${items.map(goQuote).join(' ')}]`;
}
