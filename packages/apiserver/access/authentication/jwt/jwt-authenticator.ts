import type { Clock, Logger } from '@coxswain/machinery';
import type { Claims } from '@coxswain/pki';
import type { UserInfo } from '../../contract.ts';
import { TokenError } from '../token.ts';
import type { CompactJwt } from './compact-jwt.ts';
import type { ClaimExpressions } from './compile-claims.ts';
import type { JwtConfig } from './configuration.ts';
import { DistributedClaims } from './distributed-claims.ts';
import { type IdTokenRules, verifyIdToken } from './id-token.ts';
import { IssuerFetcher } from './issuer-fetcher.ts';
import { IssuerKeys } from './issuer-keys.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import { ClaimMapper } from './map-claims.ts';

export interface JwtAuthenticatorOptions {
  readonly config: JwtConfig;
  readonly expressions: ClaimExpressions;
  readonly algorithms: readonly string[];
  readonly metrics: JwtMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tokens of one OpenID Connect issuer. */
export class JwtAuthenticator {
  readonly issuer: string;
  readonly #clock: Clock;
  readonly #rules: IdTokenRules;
  readonly #mapper: ClaimMapper;
  readonly #fetcher: IssuerFetcher;
  readonly #keys: IssuerKeys;
  /** Absent where no claim may be elsewhere. */
  readonly #distributed: DistributedClaims | undefined;

  constructor(options: JwtAuthenticatorOptions) {
    const { config, expressions, algorithms, metrics, clock, logger } = options;
    const { url = '', discoveryURL = '', audiences = [], certificateAuthority: ca } = config.issuer;
    this.issuer = url;
    this.#clock = clock;
    this.#rules = { audiences, algorithms };
    this.#mapper = new ClaimMapper(config, expressions);
    const fetcher = new IssuerFetcher(ca === '' ? undefined : ca, clock);
    this.#fetcher = fetcher;
    const common = { fetcher, metrics, clock, logger };
    this.#keys = new IssuerKeys({ ...common, issuer: url, discoveryUrl: discoveryURL });
    const claim = config.claimMappings.groups?.claim ?? '';
    if (claim === '') return;
    this.#distributed = new DistributedClaims({
      claim,
      rules: this.#rules,
      fetcher,
      keysOf: (issuer) => {
        const keys = new IssuerKeys({ ...common, issuer });
        keys.start();
        return keys;
      },
      now: () => clock.now(),
    });
  }

  /** Begins to ask the issuer where its keys are, until it says. */
  start(): void {
    this.#keys.start();
  }

  /** Resolves when the issuer was found. */
  get ready(): Promise<void> {
    return this.#keys.ready;
  }

  /**
   * The user of a token that claims to be of this issuer.
   * @throws {TokenError} with upstream's text, or rejects with it
   */
  authenticate(jwt: CompactJwt): UserInfo | Promise<UserInfo> {
    const { keys } = this.#keys;
    if (keys === undefined) throw new TokenError('oidc: authenticator not initialized');
    const verified = verifyIdToken(jwt, this.#rules, keys, this.#clock.now());
    return verified instanceof Promise
      ? verified.then(() => this.#userOf(jwt.claims))
      : this.#userOf(jwt.claims);
  }

  close(): void {
    this.#keys.close();
    this.#distributed?.close();
    this.#fetcher.close();
  }

  #userOf(claims: Claims): UserInfo | Promise<UserInfo> {
    const expanded = this.#distributed?.expand(claims) ?? claims;
    return expanded instanceof Promise
      ? expanded.then((whole) => this.#mapper.userOf(whole))
      : this.#mapper.userOf(expanded);
  }
}
