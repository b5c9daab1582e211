import type { Clock, Logger, Timer } from '@coxswain/machinery';
import type { ParsedJwt } from '@coxswain/pki';
import type { UserInfo } from '../../contract.ts';
import { TokenError } from '../token.ts';
import type { ClaimExpressions } from './compile-claims.ts';
import type { JwtConfig } from './configuration.ts';
import { JsonFetcher } from './fetch-json.ts';
import { verifyIdToken } from './id-token.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import { RemoteKeySet } from './key-set.ts';
import { ClaimMapper } from './map-claims.ts';

/** How often an issuer that does not answer is asked again for its discovery document. */
const discoveryRetryMs = 10_000;

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
  readonly #options: JwtAuthenticatorOptions;
  readonly #mapper: ClaimMapper;
  readonly #fetcher: JsonFetcher;
  readonly #ready = Promise.withResolvers<void>();
  #keys: RemoteKeySet | undefined;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: JwtAuthenticatorOptions) {
    const { config, expressions, clock } = options;
    this.issuer = config.issuer.url ?? '';
    this.#options = options;
    this.#mapper = new ClaimMapper(config, expressions);
    const ca = config.issuer.certificateAuthority;
    this.#fetcher = new JsonFetcher(ca === '' ? undefined : ca, clock);
  }

  /** Begins to ask the issuer where its keys are, until it says. */
  start(): void {
    void this.#discover();
  }

  /** Resolves when the issuer was found. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /**
   * The user of a token that claims to be of this issuer.
   * @throws {TokenError} with upstream's text, or rejects with it
   */
  authenticate(jwt: ParsedJwt): UserInfo | Promise<UserInfo> {
    if (this.#keys === undefined) throw new TokenError('oidc: authenticator not initialized');
    const { config, algorithms, clock } = this.#options;
    const rules = { issuer: this.issuer, audiences: config.issuer.audiences ?? [], algorithms };
    const verified = verifyIdToken(jwt, rules, this.#keys, clock.now());
    return verified instanceof Promise
      ? verified.then(() => this.#mapper.userOf(jwt.claims))
      : this.#mapper.userOf(jwt.claims);
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#fetcher.close();
  }

  async #discover(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      const jwksUri = await this.#jwksUri();
      this.#keys = new RemoteKeySet(() => this.#fetchKeys(jwksUri));
      this.#ready.resolve();
    } catch (error) {
      if (this.#closed) return;
      logger.error('oidc authenticator: initializing plugin', {
        issuer: this.issuer,
        error: (error as Error).message,
      });
      this.#retry = clock.after(discoveryRetryMs, () => void this.#discover());
    }
  }

  async #fetchKeys(uri: string): Promise<unknown> {
    const { metrics } = this.#options;
    try {
      const document = await this.#fetcher.get(uri);
      metrics.fetched(this.issuer, document);
      return document;
    } catch (error) {
      metrics.fetched(this.issuer);
      throw error;
    }
  }

  async #jwksUri(): Promise<string> {
    const { discoveryURL = '' } = this.#options.config.issuer;
    const wellKnown = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = (await this.#fetcher.get(discoveryURL === '' ? wellKnown : discoveryURL)) as {
      readonly issuer?: unknown;
      readonly jwks_uri?: unknown;
    } | null;
    if (document?.issuer !== this.issuer) {
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(this.issuer)} got ${JSON.stringify(document?.issuer ?? '')}`,
      );
    }
    const uri = document.jwks_uri;
    if (typeof uri !== 'string' || !uri.startsWith('https://')) {
      throw new Error(`oidc: the discovery document's jwks_uri ${JSON.stringify(uri ?? '')} is no HTTPS URL`);
    }
    return uri;
  }
}
