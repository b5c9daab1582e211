import type { IncomingMessage } from 'node:http';
import {
  type Clock,
  type FailedRequest,
  type KubeList,
  type KubeObject,
  readJson,
  systemClock,
  writeJson,
} from '@coxswain/machinery';
import { type ConnectionOptions, HttpConnection, type HttpRequest, readBody } from './http-connection.ts';
import { LineSplitter } from './line-splitter.ts';
import { type RateLimit, RateLimiter } from './rate-limiter.ts';
import { resourceUrl } from './resource-path.ts';
import { ConnectionError, connectionError, errorOfResponse } from './response-error.ts';
import type { ResourceRequest, ResourceWatchRequest, Transport, Verb, WatchEvent } from './transport.ts';

export interface HttpTransportOptions extends ConnectionOptions {
  readonly clock?: Clock;
  /** How many requests may be sent; default: as many as are asked for. */
  readonly rateLimit?: RateLimit;
  /** Longest wait for a whole answer other than a watch's. Default: 90 s; 0: none. */
  readonly requestTimeoutMs?: number;
}

/** An answer of any content type. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** The server gives up after 60 s, and says so; half as much again for the way. */
const defaultRequestTimeoutMs = 90_000;
/** client-go's: how often an answer that asks to come back later is obeyed. */
const maxRetries = 10;

const methods: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/** Speaks to an API server, ours or upstream's, over HTTP/1.1 with TLS and kept connections. */
export class HttpTransport implements Transport {
  readonly #connection: HttpConnection;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #limiter: RateLimiter | undefined;

  constructor(options: HttpTransportOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = options.requestTimeoutMs ?? defaultRequestTimeoutMs;
    this.#connection = new HttpConnection(options, this.#clock);
    this.#limiter =
      options.rateLimit === undefined ? undefined : new RateLimiter(options.rateLimit, this.#clock);
  }

  async request(request: ResourceRequest): Promise<KubeObject | KubeList> {
    const { verb, body, signal } = request;
    const sent = body === undefined ? undefined : encodeBody(verb, body);
    const answer = await this.#sendRetrying(
      {
        method: methods[verb],
        path: resourceUrl(request),
        headers: {
          accept: 'application/json',
          ...(sent === undefined ? {} : { 'content-type': request.patchType ?? 'application/json' }),
        },
        ...(sent === undefined ? {} : { body: sent }),
        ...(signal === undefined ? {} : { signal }),
      },
      failureOf(request, methods[verb]),
    );
    return fillItems(readJson(answer.body.toString('utf8')));
  }

  async raw(
    path: string,
    options: { readonly accept?: string; readonly signal?: AbortSignal } = {},
  ): Promise<string> {
    const { accept = '*/*', signal } = options;
    const request = { method: 'GET', path, headers: { accept }, ...(signal === undefined ? {} : { signal }) };
    const answer = await this.#sendRetrying(request, { method: 'GET', group: '', resource: '', name: '' });
    return answer.body.toString('utf8');
  }

  /** Sends any request and gives any answer, whatever its code, once. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    await this.#limiter?.take(request.signal);
    const limit = this.#deadline(request);
    try {
      const response = await this.#connection.open(limit.request);
      const body = await readBody(response, request.method, this.#connection.url(request.path));
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    } catch (error) {
      throw limit.expired() ? limit.error() : request.signal?.aborted ? request.signal.reason : error;
    } finally {
      limit.stop();
    }
  }

  /** The answer to a GET as a stream (`logs -f`); rejects with `StatusError` when its code is not 2xx. */
  async stream(
    path: string,
    signal?: AbortSignal,
    headers?: HttpRequest['headers'],
    about: Omit<FailedRequest, 'method'> = { group: '', resource: '', name: '' },
  ): Promise<IncomingMessage> {
    const request = {
      method: 'GET',
      path,
      ...(headers === undefined ? {} : { headers }),
      ...(signal === undefined ? {} : { signal }),
    };
    const response = await this.#connection.open(request);
    const code = response.statusCode ?? 0;
    if (code < 300) return response;
    const body = await readBody(response, 'GET', this.#connection.url(path));
    throw errorOfResponse(code, body.toString(), { method: 'GET', ...about }, 0);
  }

  /** The answer to any request as a stream, whatever its code, once. Rejects with `ConnectionError`. */
  forward(request: HttpRequest): Promise<IncomingMessage> {
    return this.#connection.open(request);
  }

  /** URL, headers and TLS options for a WebSocket or an upgrade to `path`. */
  connectOptions(path: string): ReturnType<HttpConnection['connectOptions']> {
    return this.#connection.connectOptions(path);
  }

  async watch(request: ResourceWatchRequest): Promise<void> {
    const { signal } = request;
    const path = resourceUrl(request, true);
    try {
      await this.#limiter?.take(signal);
      const response = await this.#connection.open({
        method: 'GET',
        path,
        headers: { accept: 'application/json' },
        ...(signal === undefined ? {} : { signal }),
      });
      const code = response.statusCode ?? 0;
      if (code === 200) return await readWatch(response, request, this.#connection.url(path));
      const body = await readBody(response, 'GET', this.#connection.url(path));
      throw errorOfResponse(code, body.toString(), failureOf(request, 'GET'), retryAfter(response.headers));
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** Closes the connections; running requests fail. */
  close(): void {
    this.#connection.close();
  }

  /** Waits and sends again when the server asks to (429, or 5xx with Retry-After), as client-go does. */
  async #sendRetrying(request: HttpRequest, failure: FailedRequest): Promise<HttpAnswer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.send(request);
      if (answer.status < 400) return answer;
      const seconds = retryAfter(answer.headers);
      const mayRetry = answer.status === 429 || answer.status >= 500;
      if (!mayRetry || seconds === 0 || attempt === maxRetries) {
        throw errorOfResponse(answer.status, answer.body.toString('utf8'), failure, seconds);
      }
      await this.#clock.sleep(seconds * 1_000, request.signal);
    }
  }

  #deadline(request: HttpRequest): {
    readonly request: HttpRequest;
    expired(): boolean;
    error(): ConnectionError;
    stop(): void;
  } {
    const timeout = new AbortController();
    const timer =
      this.#timeoutMs === 0 ? undefined : this.#clock.after(this.#timeoutMs, () => timeout.abort());
    const { signal } = request;
    const either = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
    const url = this.#connection.url(request.path);
    return {
      request: { ...request, signal: either },
      expired: () => timeout.signal.aborted,
      error: () =>
        new ConnectionError(
          'TIMEOUT',
          `${request.method} ${url}: no answer within ${this.#timeoutMs / 1_000} s`,
        ),
      stop: () => timer?.cancel(),
    };
  }
}

/** A transport to an API server over HTTPS. */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  return new HttpTransport(options);
}

function failureOf(request: Omit<ResourceRequest, 'verb'>, method: string): FailedRequest {
  return { method, group: request.group, resource: request.resource, name: request.name ?? '' };
}

function retryAfter(headers: IncomingMessage['headers']): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

function encodeBody(verb: Verb, body: unknown): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (verb !== 'delete' && verb !== 'deletecollection') return writeJson(body);
  return writeJson({ kind: 'DeleteOptions', apiVersion: 'v1', ...(body as object) });
}

/** Upstream's typed lists leave kind and apiVersion out of their items; clients want them there. */
function fillItems(answer: KubeObject | KubeList): KubeObject | KubeList {
  const { items, kind, apiVersion } = answer;
  if (!Array.isArray(items) || !kind?.endsWith('List')) return answer;
  const itemKind = kind.slice(0, -'List'.length);
  if (itemKind === '' || items.every((item) => typeof item?.kind === 'string')) return answer;
  return { ...answer, items: items.map((item) => ({ kind: itemKind, apiVersion, ...item })) };
}

/** Reads events until the stream ends; an ERROR event is the last. */
function readWatch(response: IncomingMessage, request: ResourceWatchRequest, url: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let done = false;
  const finish = (error?: unknown): void => {
    if (done) return;
    done = true;
    response.destroy();
    if (error === undefined) resolve();
    else reject(error);
  };
  const lines = new LineSplitter((line) => {
    if (done || request.signal?.aborted) return;
    const event = readJson(line) as WatchEvent;
    request.onEvent(event);
    if (event.type === 'ERROR') finish();
  });
  response.on('data', (chunk: Buffer) => {
    try {
      lines.push(chunk);
    } catch (error) {
      finish(error);
    }
  });
  response.once('end', () => {
    const cut = lines.pending || !response.complete;
    finish(cut ? new ConnectionError('BROKEN', `GET ${url}: unexpected EOF`) : undefined);
  });
  response.once('error', (error) => finish(connectionError('GET', url, error)));
  response.once('close', () => finish(new ConnectionError('BROKEN', `GET ${url}: connection closed`)));
  return promise;
}
