import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { CertificateFiles } from './follow-certificates.ts';
import type { RequestHandler } from './handler.ts';
import type { OpenStreams } from './open-streams.ts';
import { paceRequests } from './paced-requests.ts';
import { type Request, type Response, replyText } from './reply.ts';
import { defaultServing, type ServingOptions } from './serving-options.ts';

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

type TlsParts = Pick<ListenOptions, 'cert' | 'key' | 'clientCA'>;

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

/**
 * The suites of Go's servers in Go's order: AES-128 before AES-256, which costs a third more on every byte.
 * HTTP/2 forbids all but these and TLS 1.3's.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

function secureContext({ cert, key, clientCA }: TlsParts): SecureContextOptions {
  return { cert, key, ...(clientCA === '' ? {} : { ca: clientCA }), ciphers, honorCipherOrder: true };
}

/** Starts to listen; resolves when connections are accepted. */
export async function listen(
  options: ListenOptions,
  handler: RequestHandler,
  streams: OpenStreams,
  serving: Pick<ServingOptions, 'goawayChance' | 'http2MaxStreams'> = defaultServing,
  random: () => number = Math.random,
  onTlsError: () => void = () => {},
): Promise<Listener> {
  const sessions = new Set<ServerHttp2Session>();
  const gate = { closing: false, refusing: false };
  const sockets = new Set<Socket>();
  const active = new ActiveRequests();
  // The HTTP/1.1 side takes node:http's options too, which the types do not know.
  const settings: SecureServerOptions & Http1Settings = {
    allowHTTP1: true,
    ...secureContext(options),
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
  const handle = serving.goawayChance > 0 ? withGoaway(handler, serving.goawayChance, random) : handler;
  const begin = paceRequests((request: Request, response: Response) => void handle.handle(request, response));
  server.on('request', (request: Request, response: Response) => {
    if (gate.closing && lastOfConnection(request, response, gate.refusing)) return;
    active.enter();
    response.on('close', () => active.leave());
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
    renew: (material) => server.setSecureContext(secureContext(material)),
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
