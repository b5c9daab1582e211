import type { ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '@coxswain/machinery';
import type { RequestHandler } from '../handler.ts';
import type { OpenStreams } from '../open-streams.ts';
import type { Request, Response } from '../reply.ts';
import { defaultServing, type ServingOptions } from '../serving-options.ts';
import { ActiveRequests } from './active-requests.ts';
import { Connections } from './connections.ts';
import type { CertificateFiles } from './follow-certificates.ts';
import { withGoaway } from './goaway.ts';
import { lastOfConnection } from './last-of-connection.ts';
import { listenError } from './listen-error.ts';
import { paceRequests } from './paced-requests.ts';
import { refuseBadRequest } from './refuse-bad-request.ts';
import { withCors, withStrictTransport } from './response-headers.ts';
import { serverSettings } from './server-settings.ts';
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

/** How a listener treats connections; what is absent is as upstream has it. */
export interface ListenerTraits {
  readonly serving?: Pick<
    ServingOptions,
    'goawayChance' | 'http2MaxStreams' | 'corsAllowedOrigins' | 'strictTransport'
  >;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Hears of every handshake that failed. */
  readonly onTlsError?: () => void;
}

/** Starts to listen; resolves when connections are accepted. @throws {ListenError} */
export async function listen(
  options: ListenOptions,
  handler: RequestHandler,
  streams: OpenStreams,
  {
    serving = defaultServing,
    clock = systemClock,
    random = Math.random,
    onTlsError = () => {},
  }: ListenerTraits = {},
): Promise<Listener> {
  const { tls = {} } = options;
  const server: Http2SecureServer = createSecureServer(serverSettings(options, serving.http2MaxStreams));
  addNamed(server, options, tls);
  const connections = new Connections(server);
  const gate = { closing: false, refusing: false };
  const active = new ActiveRequests();
  const entry = entryOf(handler, serving, random);
  const begin = paceRequests((request: Request, response: Response) => void entry.handle(request, response));
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
  // A client that breaks the handshake or resets its connection is no fault of the server.
  server.on('tlsClientError', (_error, socket) => {
    onTlsError();
    socket.destroy();
  });
  server.on('sessionError', () => {});
  server.on('clientError', refuseBadRequest(clock));
  const port = await bind(server, options);
  return {
    port,
    renew: (material) => greetWith(server, material, tls),
    close: async (graceMs, wait, refuse = false) => {
      gate.closing = true;
      gate.refusing = refuse;
      let closed: Promise<void> | undefined;
      const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
      if (!refuse) closed = stop();
      streams.close();
      if (!refuse) connections.endSessions();
      await Promise.race([active.none(), wait(graceMs)]);
      closed ??= stop();
      connections.destroy();
      await closed;
    },
  };
}

/** The handler with what only some servers do before it: nothing is asked for what a server does not do. */
function entryOf(
  handler: RequestHandler,
  serving: NonNullable<ListenerTraits['serving']>,
  random: () => number,
): Pick<RequestHandler, 'handle'> {
  let entry: Pick<RequestHandler, 'handle'> = handler;
  if (serving.goawayChance > 0) entry = withGoaway(entry, serving.goawayChance, random);
  if (serving.strictTransport.length > 0) entry = withStrictTransport(entry, serving.strictTransport);
  if (serving.corsAllowedOrigins.length > 0) entry = withCors(entry, serving.corsAllowedOrigins);
  return entry;
}

/** @returns the port */
async function bind(server: Http2SecureServer, options: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options)));
    server.listen(options.port, options.host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : options.port;
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
