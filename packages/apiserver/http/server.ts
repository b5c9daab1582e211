import type { ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CertificateFiles } from './follow-certificates.ts';
import type { RequestHandler } from './handler.ts';
import type { OpenStreams } from './open-streams.ts';
import { paceRequests } from './paced-requests.ts';
import { type Request, type Response, replyText } from './reply.ts';
import { withCors, withStrictTransport } from './response-headers.ts';
import { defaultServing, type ServingOptions } from './serving-options.ts';
import { secureContext, type TlsParts, type TlsSettings } from './tls-settings.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM bundle that client certificates must be signed by; '' for none. */
  readonly clientCA: string;
  /** Where these come from, to be followed; absent: they stay. */
  readonly files?: CertificateFiles;
  /** Absent: as upstream's default. */
  readonly tls?: TlsSettings;
}

/** An idle connection is kept for three minutes, as Go clients and upstream's server expect. */
const idleTimeoutMs = 180_000;

/** Go's limit on the head of a request: 1 MiB. */
const headerLimit = 1024 * 1024;
/** The head of a request takes no longer, as upstream has it. */
const headTimeoutMs = 32_000;

/** The server cannot listen where it is told to. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenOptions): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'that needs more rights',
    EADDRNOTAVAIL: 'this machine does not have the address',
  };
  const { code = 'UNKNOWN', message } = error;
  return new ListenError(code, `cannot listen on ${host}:${port}: ${reasons[code] ?? message}`, error);
}

/** A TLS listener for HTTP/2 and HTTP/1.1. */
export interface Listener {
  readonly port: number;
  /** Later connections are greeted with another certificate and other authorities of clients. */
  renew(material: TlsParts): void;
  /**
   * Ends watches, lets running requests finish for at most `graceMs`, then closes every connection.
   * @param refuse until then, requests are taken and told to come again; else nobody can connect
   */
  close(graceMs: number, wait: (ms: number) => Promise<void>, refuse?: boolean): Promise<void>;
}

/** Starts to listen; resolves when connections are accepted. */
export async function listen(
  options: ListenOptions,
  handler: RequestHandler,
  streams: OpenStreams,
  serving: Pick<
    ServingOptions,
    'goawayChance' | 'http2MaxStreams' | 'corsAllowedOrigins' | 'strictTransport'
  > = defaultServing,
  random: () => number = Math.random,
  onTlsError: () => void = () => {},
): Promise<Listener> {
  const sessions = new Set<ServerHttp2Session>();
  const gate = { closing: false, refusing: false };
  const sockets = new Set<Socket>();
  const active = new ActiveRequests();
  const { tls = {} } = options;
  // The HTTP/1.1 side takes node:http's options too, which the types do not know.
  const settings: SecureServerOptions & Http1Settings = {
    allowHTTP1: true,
    ...secureContext(options, tls),
    ...(tls.http1Only === true ? { ALPNCallback: onlyHttp1 } : {}),
    // without a CA of its own, TLS would take every certificate of a public one for a user
    requestCert: options.clientCA !== '',
    rejectUnauthorized: false,
    handshakeTimeout: headTimeoutMs,
    keepAliveTimeout: idleTimeoutMs,
    maxHeaderSize: headerLimit,
    headersTimeout: headTimeoutMs,
    connectionsCheckingInterval: headTimeoutMs / 4,
    // bodies have the time that their requests have
    requestTimeout: 0,
    maxHeaderListPairs: 1024,
    settings: {
      maxConcurrentStreams: serving.http2MaxStreams,
      initialWindowSize: 256 * 1024,
      maxHeaderListSize: headerLimit,
    },
  };
  const server: Http2SecureServer = createSecureServer(settings);
  addNamed(server, options, tls);
  let handle: Pick<RequestHandler, 'handle'> = handler;
  if (serving.goawayChance > 0) handle = withGoaway(handle, serving.goawayChance, random);
  if (serving.strictTransport.length > 0) handle = withStrictTransport(handle, serving.strictTransport);
  if (serving.corsAllowedOrigins.length > 0) handle = withCors(handle, serving.corsAllowedOrigins);
  const begin = paceRequests((request: Request, response: Response) => void handle.handle(request, response));
  server.on('request', (request: Request, response: Response) => {
    if (gate.closing && lastOfConnection(request, response, gate.refusing)) return;
    active.enter();
    response.on('close', () => active.leave());
    // HTTP/1.1 keeps connections unless somebody says otherwise; Go's servers do not say that they do.
    if (request.httpVersion === '1.1' && (response as ServerResponse).shouldKeepAlive) {
      response.removeHeader('connection');
    }
    begin(request, response);
  });
  server.on('upgrade', (request: Request, socket: TLSSocket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    void handler.upgrade(request, socket, head);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    watchOver(session);
  });
  // A client that breaks the handshake or resets its connection is no fault of the server.
  server.on('tlsClientError', (_error, socket) => {
    onTlsError();
    socket.destroy();
  });
  server.on('sessionError', () => {});
  server.on('clientError', refuseBadRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options)));
    server.listen(options.port, options.host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    renew: (material) => greetWith(server, material, tls),
    close: async (graceMs, wait, refuse = false) => {
      gate.closing = true;
      gate.refusing = refuse;
      let closed: Promise<void> | undefined;
      const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
      if (!refuse) closed = stop();
      streams.close();
      if (!refuse) for (const session of sessions) session.close();
      await Promise.race([active.none(), wait(graceMs)]);
      closed ??= stop();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function onlyHttp1({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return protocols.find((protocol) => protocol === 'http/1.1');
}

/** Later connections are greeted with these; those with a name of their own as before, by the same authorities. */
function greetWith(server: Http2SecureServer, material: TlsParts, tls: TlsSettings): void {
  server.setSecureContext(secureContext(material, tls));
  addNamed(server, material, tls);
}

/** The one that was added last counts: upstream takes the first that is given. */
function addNamed(server: Http2SecureServer, { clientCA }: TlsParts, tls: TlsSettings): void {
  for (const { cert, key, names } of [...(tls.named ?? [])].reverse()) {
    const context = secureContext({ cert, key, clientCA }, tls);
    for (const name of names) server.addContext(name, context);
  }
}

interface Http1Settings {
  readonly keepAliveTimeout: number;
  readonly maxHeaderSize: number;
  readonly headersTimeout: number;
  readonly connectionsCheckingInterval: number;
  readonly requestTimeout: number;
  readonly maxHeaderListPairs: number;
}

/** Health and metrics are told to the last, and so is what the server asks itself. */
const alwaysServed = /^\/(readyz|livez|healthz|metrics)/;

/** During a shutdown no connection goes on. Gives true when the request was refused. */
function lastOfConnection(request: Request, response: Response, refusing: boolean): boolean {
  const url = request.url ?? '/';
  const own = (request.headers['user-agent'] ?? '').startsWith('kube-apiserver/');
  const refuse = refusing && !own && !alwaysServed.test(url);
  if (request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  else if (refuse) (request as Http2ServerRequest).stream.session?.close();
  if (!refuse) return false;
  response.setHeader('retry-after', '5');
  replyText(response, 429, 'The apiserver is shutting down, please try again later.\n');
  return true;
}

/** Tells a client of HTTP/2 now and then to connect anew, so that connections spread over all servers. */
function withGoaway(
  handler: Pick<RequestHandler, 'handle'>,
  chance: number,
  random: () => number,
): Pick<RequestHandler, 'handle'> {
  return {
    handle: (request, response) => {
      if (request.httpVersionMajor === 2 && random() < chance) {
        (request as Http2ServerRequest).stream.session?.close();
      }
      return handler.handle(request, response);
    },
  };
}

/** What HTTP/1.1 cannot make sense of is answered as Go's server does. */
function refuseBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const text =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code?.startsWith('HPE_') === true
        ? '400 Bad Request'
        : undefined;
  if (text === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(
    `HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}

/** So long may nothing come or go before a client is asked whether it is there. */
const silenceMs = 30_000;

/**
 * Ends HTTP/2 connections whose client is gone. One that leaves while much is on its way to it may never be told
 * of by the system: nothing is read while a write is stuck, and the watches on it would stay for ever.
 */
function watchOver(session: ServerHttp2Session): void {
  let asked = false;
  session.setTimeout(silenceMs);
  session.on('timeout', () => {
    if (asked) {
      session.destroy();
      return;
    }
    asked = true;
    session.ping(() => {
      asked = false;
    });
    session.setTimeout(silenceMs);
  });
}

/** Counts the requests that are not answered yet. */
class ActiveRequests {
  #count = 0;
  #onNone: (() => void) | undefined;

  enter(): void {
    this.#count++;
  }

  leave(): void {
    if (--this.#count === 0) this.#onNone?.();
  }

  /** Resolves as soon as none is left. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onNone = resolve;
    });
  }
}
