import {
  createSecureServer,
  type Http2SecureServer,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { RequestHandler } from './handler.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Request, Response } from './reply.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM bundle that client certificates must be signed by; '' for none. */
  readonly clientCA: string;
}

/** An idle connection is kept for three minutes, as Go clients and upstream's server expect. */
const idleTimeoutMs = 180_000;

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
  /** Ends watches, lets running requests finish for at most `graceMs`, then closes every connection. */
  close(graceMs: number, wait: (ms: number) => Promise<void>): Promise<void>;
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

/** Starts to listen; resolves when connections are accepted. */
export async function listen(
  options: ListenOptions,
  handler: RequestHandler,
  streams: OpenStreams,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const active = new ActiveRequests();
  // The HTTP/1.1 side takes node:http's options too, which the types do not know.
  const settings: SecureServerOptions & { readonly keepAliveTimeout: number } = {
    allowHTTP1: true,
    cert: options.cert,
    key: options.key,
    // without a CA of its own, TLS would take every certificate of a public one for a user
    ...(options.clientCA === '' ? { requestCert: false } : { requestCert: true, ca: options.clientCA }),
    rejectUnauthorized: false,
    ciphers,
    honorCipherOrder: true,
    keepAliveTimeout: idleTimeoutMs,
    settings: { maxConcurrentStreams: 250, initialWindowSize: 256 * 1024 },
  };
  const server: Http2SecureServer = createSecureServer(settings);
  server.on('request', (request: Request, response: Response) => {
    active.enter();
    response.on('close', () => active.leave());
    void handler.handle(request, response);
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
  server.on('session', watchOver);
  // A client that breaks the handshake or resets its connection is no fault of the server.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('sessionError', () => {});
  server.on('clientError', (_error, socket) => socket.destroy());
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
    close: async (graceMs, wait) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      streams.close();
      await Promise.race([active.none(), wait(graceMs)]);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
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
