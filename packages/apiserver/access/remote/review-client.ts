import {
  ConnectionError,
  errorOfResponse,
  type HttpAnswer,
  HttpTransport,
  type ResolvedKubeconfig,
  readKubeconfig,
  resolveKubeconfig,
} from '@coxswain/client';
import { type Clock, type KubeObject, readJson, writeJson } from '@coxswain/machinery';
import { goFault } from '../../http/go-fault.ts';
import { measuredRequest } from '../../http/metrics/rest-client-metrics.ts';

/** client-go's limit for webhooks of the server itself. */
const defaultTimeoutMs = 30_000;
const defaultPort = 443;

/** Posts reviews to the URL that a kubeconfig names, exactly as it stands there. */
export class ReviewClient {
  readonly #transport: HttpTransport;
  readonly #url: URL;
  readonly #clock: Clock;
  /** After the URL's own path. */
  readonly #path: string;

  /** @param timeoutMs of one question; the asked one is told */
  constructor(resolved: ResolvedKubeconfig, clock: Clock, timeoutMs = defaultTimeoutMs) {
    this.#clock = clock;
    this.#url = new URL(resolved.server);
    this.#path = `${this.#url.pathname === '/' ? '/' : ''}?timeout=${timeoutMs / 1000}s`;
    this.#transport = new HttpTransport({
      ...resolved,
      clock,
      requestTimeoutMs: timeoutMs,
      userAgent: 'kube-apiserver',
    });
  }

  /** @throws {KubeconfigError} when the file does not say where to ask */
  static fromFile(path: string, clock: Clock, timeoutMs?: number): ReviewClient {
    return new ReviewClient(resolveKubeconfig(readKubeconfig(path)), clock, timeoutMs);
  }

  /** @throws {StatusError | ConnectionError} when there is no answer of the same kind */
  async post(review: KubeObject): Promise<KubeObject> {
    const answer = await this.#send(writeJson(review));
    const text = answer.body.toString('utf8');
    if (answer.status < 200 || answer.status > 299) {
      const request = { method: 'POST', group: '', resource: '', name: '' };
      throw errorOfResponse(answer.status, text, request, Number(answer.headers['retry-after'] ?? 0));
    }
    return parsed(text, review);
  }

  async #send(body: string): Promise<HttpAnswer> {
    try {
      return await measuredRequest('POST', this.#url.host, Buffer.byteLength(body), this.#clock, () =>
        this.#transport.send({
          method: 'POST',
          path: this.#path,
          headers: { 'content-type': 'application/json', accept: 'application/json, */*' },
          body,
        }),
      );
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const { code, cause } = error;
      const why =
        code === 'TIMEOUT' || !(cause instanceof Error)
          ? 'context deadline exceeded'
          : goFault(cause, this.#url.hostname, Number(this.#url.port || defaultPort));
      const url = `${this.#url.origin}${this.#url.pathname}${this.#path.replace('/', '')}`;
      throw new ConnectionError(code, `Post "${url}": ${why}`, { cause });
    }
  }

  close(): void {
    this.#transport.close();
  }
}

function parsed(text: string, asked: KubeObject): KubeObject {
  const object = readJson(text) as KubeObject | null;
  if (object?.kind === asked.kind && object.apiVersion === asked.apiVersion) return object;
  throw new Error(
    `reading the answer of a webhook: expected ${asked.apiVersion}, Kind=${asked.kind}, got ${object?.apiVersion ?? ''}, Kind=${object?.kind ?? ''}`,
  );
}
