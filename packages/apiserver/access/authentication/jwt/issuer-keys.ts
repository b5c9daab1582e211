import type { Clock, Logger, Timer } from '@coxswain/machinery';
import type { IssuerFetcher } from './issuer-fetcher.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import { RemoteKeySet } from './key-set.ts';

/** How often an issuer that does not answer is asked again for its discovery document. */
const retryMs = 10_000;

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Where its discovery document is, if not at the usual place below its URL. */
  readonly discoveryUrl?: string;
  readonly fetcher: IssuerFetcher;
  readonly metrics: JwtMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The keys of an issuer, found through its discovery document (OpenID Connect Discovery 1.0). */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #ready = Promise.withResolvers<void>();
  #keys: RemoteKeySet | undefined;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** Begins to ask the issuer where its keys are, until it says. */
  start(): void {
    void this.#discover();
  }

  /** Absent until the issuer was found. */
  get keys(): RemoteKeySet | undefined {
    return this.#keys;
  }

  /** Resolves when the issuer was found. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
  }

  async #discover(): Promise<void> {
    const { issuer, clock, logger } = this.#options;
    try {
      const uri = await this.#jwksUri();
      this.#keys = new RemoteKeySet(() => this.#fetch(uri));
      this.#ready.resolve();
    } catch (error) {
      if (this.#closed) return;
      logger.error('oidc authenticator: initializing plugin', { issuer, error: (error as Error).message });
      this.#retry = clock.after(retryMs, () => void this.#discover());
    }
  }

  async #fetch(uri: string): Promise<unknown> {
    const { issuer, fetcher, metrics } = this.#options;
    try {
      const document = await fetcher.json(uri);
      metrics.fetched(issuer, document);
      return document;
    } catch (error) {
      metrics.fetched(issuer);
      throw error;
    }
  }

  async #jwksUri(): Promise<string> {
    const { issuer, discoveryUrl = '', fetcher } = this.#options;
    const usual = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = (await fetcher.json(discoveryUrl === '' ? usual : discoveryUrl)) as {
      readonly issuer?: unknown;
      readonly jwks_uri?: unknown;
    } | null;
    if (document?.issuer !== issuer) {
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(document?.issuer ?? '')}`,
      );
    }
    const uri = document.jwks_uri;
    if (typeof uri !== 'string' || !uri.startsWith('https://')) {
      throw new Error(`oidc: the discovery document's jwks_uri ${JSON.stringify(uri ?? '')} is no HTTPS URL`);
    }
    return uri;
  }
}
