import { type Clock, goQuote, type Logger, type Timer } from '@coxswain/machinery';
import { freshUntil } from './fresh-until.ts';
import { documentOf, type IssuerAnswer, type IssuerFetcher } from './issuer-fetcher.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import { type FetchedKeys, RemoteKeySet, readKeySet } from './key-set.ts';

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

  async #fetch(uri: string): Promise<FetchedKeys> {
    const { issuer, fetcher, metrics, clock } = this.#options;
    try {
      const answer = await fetcher.get(uri).catch((error: Error) => {
        throw new Error(`oidc: get keys failed ${error.message}`, { cause: error });
      });
      if (answer.code !== 200) throw new Error(`oidc: get keys failed: ${answer.status} ${answer.text}`);
      const keys = decoded(answer, readKeySet, 'oidc: failed to decode keys', ` ${answer.text}`);
      metrics.fetched(issuer, answer.text);
      return { keys, freshUntil: freshUntil(answer.header, clock.now()) };
    } catch (error) {
      metrics.fetched(issuer);
      throw error;
    }
  }

  async #jwksUri(): Promise<string> {
    const { issuer, discoveryUrl = '', fetcher } = this.#options;
    const usual = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetcher.get(discoveryUrl === '' ? usual : discoveryUrl);
    if (answer.code !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    const document = decoded(answer, readDiscovery, 'oidc: failed to decode provider discovery object');
    if (document?.issuer !== issuer) {
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${goQuote(issuer)} got ${goQuote(String(document?.issuer ?? ''))}`,
      );
    }
    const uri = document.jwks_uri;
    if (typeof uri !== 'string' || uri === '') throw new Error('provider did not return JWKS URL');
    if (!URL.canParse(uri)) throw new Error(`parse ${goQuote(uri)}: invalid URL`);
    return uri;
  }
}

type Discovery = { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null;

const readDiscovery = (document: unknown): Discovery => document as Discovery;

function decoded<T>(answer: IssuerAnswer, read: (document: unknown) => T, what: string, more = ''): T {
  try {
    return documentOf(answer, read);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}${more}`, { cause: error });
  }
}
