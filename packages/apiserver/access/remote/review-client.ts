import {
  ConnectionError,
  type HttpAnswer,
  HttpTransport,
  type ResolvedKubeconfig,
  readKubeconfig,
  resolveKubeconfig,
} from '@coxswain/client';
import { type Clock, goJson, type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { reviewOf } from '../../extensions/webhook/answer.ts';
import { maxRetries, secondsToWait, type WebhookAnswer } from '../../extensions/webhook/exchange.ts';
import { accessScheme } from '../../extensions/webhook/review-scheme.ts';
import { goFault } from '../../http/go-fault.ts';
import { measuredRequest } from '../../http/metrics/rest-client-metrics.ts';
import { shownPeerFault } from '../../http/peer-fault.ts';
import { type SeenConnection, watchConnection } from '../../http/seen-connection.ts';

/** client-go's limit for webhooks of the server itself. */
const defaultTimeoutMs = 30_000;

/** Posts reviews to the URL that a kubeconfig names, as client-go does. */
export class ReviewClient {
  readonly #transport: HttpTransport;
  readonly #url: URL;
  readonly #authorities: string;
  readonly #clock: Clock;
  /** After the URL's own path. */
  readonly #path: string;

  /** @param timeoutMs of one question; the asked one is told */
  constructor(resolved: ResolvedKubeconfig, clock: Clock, timeoutMs = defaultTimeoutMs) {
    this.#clock = clock;
    this.#url = new URL(resolved.server);
    this.#authorities = resolved.ca === undefined ? '' : Buffer.from(resolved.ca).toString();
    this.#url.pathname = this.#url.pathname.replace(/\/+$/, '');
    this.#path = `${this.#url.pathname === '/' ? '/' : ''}?timeout=${timeoutMs / 1000}s`;
    this.#transport = new HttpTransport({
      ...(this.#url.protocol === 'http:' ? withoutCredentials(resolved) : resolved),
      server: `${this.#url.origin}${this.#url.pathname}`,
      clock,
      requestTimeoutMs: timeoutMs,
      userAgent: 'kube-apiserver',
    });
  }

  /** @throws {KubeconfigError} when the file does not say where to ask */
  static fromFile(path: string, clock: Clock, timeoutMs?: number): ReviewClient {
    return new ReviewClient(resolveKubeconfig(readKubeconfig(path)), clock, timeoutMs);
  }

  /**
   * Gives the review that is answered, of the same kind and with its members checked.
   * @throws {StatusError | ConnectionError} when there is no such answer; Error in Go's words when it is another
   */
  async post(review: KubeObject): Promise<Record<string, any>> {
    const { kind, apiVersion } = review;
    const body = `${goJson(review)}\n`;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#send(body);
      const seconds = secondsToWait(answer);
      if (seconds === undefined || attempt === maxRetries) {
        return reviewOf(answer, { ...parseApiVersion(apiVersion), kind }, accessScheme());
      }
      await this.#clock.sleep(Math.max(seconds, 0) * 1000);
    }
  }

  /** @throws {ConnectionError} in Go's words */
  async #send(body: string): Promise<WebhookAnswer> {
    let seen: SeenConnection = { chain: [] };
    const ask = (): Promise<HttpAnswer> =>
      this.#transport.send({
        method: 'POST',
        path: this.#path,
        headers: { 'content-type': 'application/json', accept: 'application/json, */*' },
        body,
        sent: (request) => {
          seen = watchConnection(request);
        },
      });
    try {
      const answer = await measuredRequest('POST', this.#url.host, Buffer.byteLength(body), this.#clock, ask);
      const { status, headers } = answer;
      return {
        status,
        contentType: headers['content-type'] ?? '',
        retryAfter: headers['retry-after'] ?? '',
        body: answer.body,
      };
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const { code, cause } = error;
      const url = `${this.#url.origin}${this.#url.pathname}${this.#path.replace('/', '')}`;
      const isOver = code === 'TIMEOUT' || !(cause instanceof Error);
      const why = isOver ? 'context deadline exceeded' : this.#fault(cause, seen);
      throw new ConnectionError(code, `Post "${url}": ${why}`, { cause });
    }
  }

  #fault(cause: Error, { local, chain }: SeenConnection): string {
    const { hostname, port, protocol } = this.#url;
    const host = hostname.replace(/^\[|\]$/g, '');
    const peerFault = (): string | undefined =>
      shownPeerFault(chain, this.#authorities, host, this.#clock.now());
    return goFault(cause, host, Number(port) || (protocol === 'http:' ? 80 : 443), { local, peerFault });
  }

  close(): void {
    this.#transport.close();
  }
}

/** What is told in the clear is told by nobody: as clients do, who send no credentials without TLS. */
function withoutCredentials(resolved: ResolvedKubeconfig): ResolvedKubeconfig {
  const { server, contextName, namespace, proxyUrl } = resolved;
  return { server, contextName, namespace, ...(proxyUrl === undefined ? {} : { proxyUrl }) };
}
