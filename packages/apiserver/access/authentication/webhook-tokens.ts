import type { Clock, KubeObject, Logger } from '@coxswain/machinery';
import { ExpiringCache } from '../remote/expiring-cache.ts';
import { withRetries } from '../remote/retry.ts';
import { ReviewClient } from '../remote/review-client.ts';
import { asAuthenticated } from '../users.ts';
import { type TokenAuthentication, type TokenAuthenticator, TokenError } from './token.ts';

const remembered = 4096;

export interface WebhookTokensOptions {
  /** Kubeconfig that says where to ask and who this is. */
  readonly configFile: string;
  /** Of the TokenReview that is sent and expected. */
  readonly version: 'v1' | 'v1beta1';
  /** How long an answer holds; 0: every token is asked for each time. */
  readonly cacheTtlMs: number;
  /** Audiences of this server. */
  readonly audiences: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** What a webhook said of a token; what it says against it is said each time. */
interface Answer {
  readonly found: TokenAuthentication | undefined;
}

/** Tokens that a webhook knows (`--authentication-token-webhook-config-file`). */
export class WebhookTokens implements TokenAuthenticator {
  readonly #options: WebhookTokensOptions;
  readonly #client: ReviewClient;
  readonly #answers: ExpiringCache<Answer>;
  readonly #asking = new Map<string, Promise<Answer>>();

  /** @throws {KubeconfigError} when the file does not say where to ask */
  constructor(options: WebhookTokensOptions) {
    this.#options = options;
    this.#client = ReviewClient.fromFile(options.configFile, options.clock);
    this.#answers = new ExpiringCache(remembered, options.clock);
  }

  authenticateToken(
    token: string,
    asked: readonly string[] = this.#options.audiences,
  ): TokenAuthentication | undefined | Promise<TokenAuthentication | undefined> {
    const key = `${token} ${asked.join(' ')}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known.found;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(token, asked)
        .then((answer) => {
          this.#answers.set(key, answer, this.#options.cacheTtlMs);
          return answer;
        })
        .finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking.then(({ found }) => found);
  }

  close(): void {
    this.#client.close();
  }

  async #ask(token: string, asked: readonly string[]): Promise<Answer> {
    const { version, clock, logger, random, audiences: own } = this.#options;
    const review: KubeObject = {
      kind: 'TokenReview',
      apiVersion: `authentication.k8s.io/${version}`,
      metadata: {},
      spec: { token, ...(asked.length === 0 ? {} : { audiences: asked }) },
      status: { user: {} },
    };
    let status: Readonly<Record<string, any>>;
    try {
      const answer = await withRetries(() => this.#client.post(review), clock, random);
      status = answer['status'] ?? {};
    } catch (error) {
      const text = (error as Error).message;
      logger.error('asking the webhook authenticator failed', { error: text });
      // not kept: the next request asks again
      throw new TokenError(text, { cause: error });
    }
    const has: readonly string[] = status['audiences']?.length ? status['audiences'] : own;
    const shared = asked.filter((audience) => has.includes(audience));
    if (asked.length > 0 && shared.length === 0) return { found: undefined };
    if (status['authenticated'] !== true) {
      if (status['error']) throw new TokenError(status['error']);
      return { found: undefined };
    }
    const { username = '', uid = '', groups = [], extra } = status['user'] ?? {};
    const user = asAuthenticated({
      name: username,
      ...(uid === '' ? {} : { uid }),
      groups: groups ?? [],
      ...(extra === undefined || extra === null ? {} : { extra }),
    });
    return { found: asked.length === 0 ? { user } : { user, audiences: shared } };
  }
}
