import type { SecureServerOptions } from 'node:http2';
import type { ListenOptions } from './server.ts';
import { secureContext } from './tls-settings.ts';

/** An idle connection is kept for three minutes, as Go clients and upstream's server expect. */
const idleTimeoutMs = 180_000;

/** Go's limit on the head of a request: 1 MiB. */
const headerLimit = 1024 * 1024;
/** Go's longest frame: nghttp2 takes a head of nine frames at most, so long ones come only in long frames. */
const maxFrameSize = 1024 * 1024;
/** The head of a request takes no longer, as upstream has it. */
const headTimeoutMs = 32_000;

/** What the HTTP/1.1 side takes of node:http's options, which the types do not know. */
interface Http1Settings {
  readonly keepAliveTimeout: number;
  readonly maxHeaderSize: number;
  readonly headersTimeout: number;
  readonly connectionsCheckingInterval: number;
  readonly requestTimeout: number;
  readonly maxHeaderListPairs: number;
}

/** How connections are spoken with, over either version of HTTP. */
export function serverSettings(
  options: ListenOptions,
  maxConcurrentStreams: number,
): SecureServerOptions & Http1Settings {
  const { tls = {} } = options;
  return {
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
      maxConcurrentStreams,
      initialWindowSize: 256 * 1024,
      maxFrameSize,
      maxHeaderListSize: headerLimit,
    },
  };
}

function onlyHttp1({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return protocols.find((protocol) => protocol === 'http/1.1');
}
