import type http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Clock, nodeHttp } from '@coxswain/machinery';
import { type CredentialOptions, CredentialSource, type Credentials } from './credentials.ts';
import { ProxyAgent } from './http-proxy.ts';
import { ConnectionError, connectionError } from './response-error.ts';

/** How to reach an API server. */
export interface ConnectionOptions extends CredentialOptions {
  /** Such as `https://10.0.0.1:6443`; a path after it is kept as a prefix. */
  readonly server: string;
  /** PEM of the authorities that may have signed the server's certificate. Default: the system's. */
  readonly ca?: string | Uint8Array;
  readonly insecureSkipTlsVerify?: boolean;
  /** The name that the server's certificate must bear, where it is not the URL's host. */
  readonly tlsServerName?: string;
  /** Its part before `/` is the default field manager. Default: `cox/v1.36`. */
  readonly userAgent?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Acts as another user (Impersonate-* headers). */
  readonly impersonate?: {
    readonly user: string;
    readonly groups?: readonly string[];
    readonly uid?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** An HTTP proxy on the way to the server; default: none. */
  readonly proxyUrl?: string;
}

/** One HTTP request, below verbs and kinds. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Told of what is sent: its connection can be looked at. */
  readonly sent?: (outgoing: http.ClientRequest) => void;
}

/** Dead peers are noticed by TCP keep-alive, which matters to watches that are silent for long. */
const tcpKeepAliveMs = 30_000;

/** Keeps connections to one API server alive and sends requests with credentials. */
export class HttpConnection {
  readonly #options: ConnectionOptions;
  readonly #base: URL;
  readonly #prefix: string;
  readonly #credentials: CredentialSource;
  readonly #module: typeof http | typeof https;
  #agent: http.Agent;
  #agentCert: Credentials['cert'];

  constructor(options: ConnectionOptions, clock: Clock) {
    this.#options = options;
    this.#base = new URL(options.server.includes('://') ? options.server : `https://${options.server}`);
    this.#prefix = this.#base.pathname.replace(/\/$/, '');
    this.#credentials = new CredentialSource(options, clock);
    this.#module = this.#base.protocol === 'http:' ? nodeHttp : https;
    this.#agentCert = options.cert;
    this.#agent = this.#newAgent(options);
  }

  /** The whole URL of a path, for messages. */
  url(path: string): string {
    return `${this.#base.origin}${this.#prefix}${path}`;
  }

  /** The answer with its body unread. Rejects with `ConnectionError`, or the signal's reason. */
  async open(request: HttpRequest): Promise<IncomingMessage> {
    const credentials = await this.#credentials.current();
    const response = await this.#openWith(request, credentials);
    if (response.statusCode !== 401 || !this.#credentials.refresh()) return response;
    response.resume();
    return this.#openWith(request, await this.#credentials.current());
  }

  /** What a WebSocket or an upgrade needs to connect to the path on its own. */
  async connectOptions(path: string): Promise<{
    readonly url: string;
    readonly headers: Record<string, string | string[]>;
    readonly tls: https.AgentOptions;
    /** Present where the connection must go through a proxy. */
    readonly agent?: http.Agent;
  }> {
    const credentials = await this.#credentials.current();
    this.#useCert(credentials);
    const tls = this.#tls(credentials);
    return {
      url: this.url(path),
      headers: this.#headers(credentials),
      tls,
      ...(this.#options.proxyUrl ? { agent: this.#agent } : {}),
    };
  }

  /** Closes idle and busy connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #openWith(request: HttpRequest, credentials: Credentials): Promise<IncomingMessage> {
    this.#useCert(credentials);
    try {
      return await this.#send(request, credentials);
    } catch (error) {
      if (!(error instanceof StaleSocketError) || request.method !== 'GET') throw unwrap(error);
    }
    // The server had closed the idle connection: a read may simply be sent again.
    return this.#send(request, credentials).catch((error: unknown) => {
      throw unwrap(error);
    });
  }

  #send(request: HttpRequest, credentials: Credentials): Promise<IncomingMessage> {
    const { method, path, body, signal } = request;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const headers: http.OutgoingHttpHeaders = { ...this.#headers(credentials) };
    for (const [name, value] of Object.entries(request.headers ?? {}))
      headers[name] = value as string | string[];
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body);
    const outgoing = this.#module.request({
      protocol: this.#base.protocol,
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port,
      method,
      path: this.#prefix + path,
      headers,
      agent: this.#agent,
    });
    request.sent?.(outgoing);
    const onAbort = (): void => void outgoing.destroy(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    outgoing.once('close', () => signal?.removeEventListener('abort', onAbort));
    outgoing.once('response', resolve);
    outgoing.on('error', (error) => {
      if (signal?.aborted) reject(signal.reason);
      else {
        const wrapped = connectionError(method, this.url(path), error);
        const { code } = error as NodeJS.ErrnoException;
        const stale = outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
        reject(stale ? new StaleSocketError(wrapped) : wrapped);
      }
    });
    outgoing.end(body);
    return promise;
  }

  #headers(credentials: Credentials): Record<string, string | string[]> {
    const { impersonate, userAgent = 'cox/v1.36', headers } = this.#options;
    return {
      ...headers,
      'user-agent': userAgent,
      ...(credentials.authorization === undefined ? {} : { authorization: credentials.authorization }),
      ...(impersonate === undefined ? {} : { 'impersonate-user': impersonate.user }),
      ...(impersonate?.groups === undefined ? {} : { 'impersonate-group': [...impersonate.groups] }),
      ...(impersonate?.uid === undefined ? {} : { 'impersonate-uid': impersonate.uid }),
      ...(impersonate?.extra === undefined ? {} : extraHeaders(impersonate.extra)),
    };
  }

  /** A plugin may have rotated the client certificate: later connections must use the new one. */
  #useCert(credentials: Credentials): void {
    if (credentials.cert === this.#agentCert) return;
    this.#agentCert = credentials.cert;
    const old = this.#agent;
    this.#agent = this.#newAgent(credentials);
    // What runs on the old certificate may end; nothing new starts on it.
    old.maxFreeSockets = 0;
    for (const socket of Object.values(old.freeSockets).flat()) socket?.destroy();
  }

  #newAgent(credentials: Credentials): http.Agent {
    const common = {
      keepAlive: true,
      keepAliveMsecs: tcpKeepAliveMs,
      noDelay: true,
      scheduling: 'lifo' as const,
    };
    if (this.#module === nodeHttp) return new nodeHttp.Agent(common);
    const options = { ...common, ...this.#tls(credentials) };
    const { proxyUrl } = this.#options;
    return proxyUrl ? new ProxyAgent(new URL(proxyUrl), options) : new https.Agent(options);
  }

  #tls(credentials: Credentials): https.AgentOptions {
    const { ca, insecureSkipTlsVerify, tlsServerName } = this.#options;
    return {
      ...(ca === undefined ? {} : { ca: asPem(ca) }),
      ...(credentials.cert === undefined ? {} : { cert: asPem(credentials.cert) }),
      ...(credentials.key === undefined ? {} : { key: asPem(credentials.key) }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
      ...(insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
    };
  }
}

/** Names of extra fields may have characters that names of headers must not (RFC 9110): those are escaped. */
function extraHeaders(extra: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(extra).map(([name, values]) => {
      const escaped = name
        .toLowerCase()
        .replaceAll(/[^\w!#$&'*+.^`|~-]/g, (char) =>
          [...Buffer.from(char)]
            .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
            .join(''),
        );
      return [`impersonate-extra-${escaped}`, [...values]];
    }),
  );
}

function asPem(value: string | Uint8Array): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value);
}

/** A kept connection turned out to be closed by the server. */
class StaleSocketError extends Error {
  readonly wrapped: ConnectionError;

  constructor(wrapped: ConnectionError) {
    super(wrapped.message);
    this.wrapped = wrapped;
  }
}

function unwrap(error: unknown): unknown {
  return error instanceof StaleSocketError ? error.wrapped : error;
}

/** Reads a body to its end. Rejects when the connection breaks before. */
export async function readBody(response: IncomingMessage, method: string, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch (error) {
    throw connectionError(method, url, error);
  }
  if (!response.complete) throw new ConnectionError('BROKEN', `${method} ${url}: unexpected EOF`);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
