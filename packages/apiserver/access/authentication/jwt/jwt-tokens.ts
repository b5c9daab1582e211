import type { Clock, Logger } from '@coxswain/machinery';
import type { UserInfo } from '../../contract.ts';
import { ExpiringCache } from '../../remote/expiring-cache.ts';
import { asAuthenticated } from '../../users.ts';
import { agnosticAudiences, type TokenAuthentication, type TokenAuthenticator } from '../token.ts';
import { type CompactJwt, readCompactJwt } from './compact-jwt.ts';
import type { ClaimExpressions } from './compile-claims.ts';
import type { AuthenticationConfig } from './configuration.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
import type { JwtMetrics } from './jwt-metrics.ts';

/** As upstream: so long a token that held is not looked at again. */
const successTtlMs = 10_000;
const remembered = 8192;

export interface JwtTokensOptions {
  /** Audiences of this server, for which every user of an issuer is good. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly metrics: JwtMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tokens of all issuers that are configured; the configuration may be exchanged. */
export class JwtTokens implements TokenAuthenticator {
  readonly #options: JwtTokensOptions;
  readonly #users: ExpiringCache<UserInfo>;
  #authenticators: readonly JwtAuthenticator[] = [];

  constructor(options: JwtTokensOptions) {
    this.#options = options;
    this.#users = new ExpiringCache(remembered, options.clock);
  }

  authenticateToken(
    token: string,
    asked?: readonly string[],
  ): TokenAuthentication | undefined | Promise<TokenAuthentication | undefined> {
    const audiences = agnosticAudiences(this.#options.audiences, asked);
    if (audiences === undefined) return undefined;
    const known = this.#users.get(token);
    if (known !== undefined) return { user: known, audiences };
    const jwt = readCompactJwt(token);
    if ('fault' in jwt) return undefined;
    const authenticator = this.#authenticators.find((one) => one.issuer === jwt.issuer);
    if (authenticator === undefined) return undefined;
    const took = (found: UserInfo): TokenAuthentication => {
      const user = asAuthenticated(found);
      // what an exchanged configuration let in must not outlive it
      if (this.#authenticators.includes(authenticator)) this.#users.set(token, user, successTtlMs);
      return { user, audiences };
    };
    const found = this.#timed(authenticator, jwt);
    return found instanceof Promise ? found.then(took) : took(found);
  }

  #timed(authenticator: JwtAuthenticator, jwt: CompactJwt): UserInfo | Promise<UserInfo> {
    const { metrics, clock } = this.#options;
    const { issuer } = authenticator;
    const began = clock.monotonic();
    const took = (user: UserInfo): UserInfo => {
      metrics.authenticated(issuer, began, 'success');
      return user;
    };
    const refused = (error: unknown): never => {
      metrics.authenticated(issuer, began, 'failure');
      throw error;
    };
    let found: UserInfo | Promise<UserInfo>;
    try {
      found = authenticator.authenticate(jwt);
    } catch (error) {
      return refused(error);
    }
    return found instanceof Promise ? found.then(took, refused) : took(found);
  }

  /** Authenticators of a configuration that was validated; they begin to look for their issuers. */
  build(config: AuthenticationConfig, expressions: readonly ClaimExpressions[]): readonly JwtAuthenticator[] {
    const { algorithms, metrics, clock, logger } = this.#options;
    return config.jwt.map((one, i) => {
      const of = expressions[i] as ClaimExpressions;
      const made = new JwtAuthenticator({ config: one, expressions: of, algorithms, metrics, clock, logger });
      made.start();
      return made;
    });
  }

  /** Later tokens are of these issuers alone. */
  use(authenticators: readonly JwtAuthenticator[]): void {
    const before = this.#authenticators;
    this.#authenticators = authenticators;
    this.#users.clear();
    for (const one of before) one.close();
  }

  close(): void {
    this.use([]);
  }
}
