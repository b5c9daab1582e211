import type { ClientRequest } from 'node:http';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { addressOf } from './go-fault.ts';

/** What a request saw of its connection, for the texts of its faults; Node.js forgets it with a connection that failed. */
export interface SeenConnection {
  /** The own end: absent before it was connected. */
  local?: string;
  /** The server's certificates (DER), its own first: empty where it showed none, or on a connection that was there before. */
  chain: readonly Buffer[];
}

/** Begins to look; the object that it gives is filled in. */
export function watchConnection(request: ClientRequest): SeenConnection {
  const seen: SeenConnection = { chain: [] };
  request.on('socket', (socket) => {
    const connected = (): void => {
      seen.local = addressOf(socket.localAddress ?? '', socket.localPort ?? 0);
    };
    if (!socket.connecting) return connected();
    socket.once('connect', connected);
    if (!(socket instanceof TLSSocket)) return;
    // the handshake is over, and Node.js has not judged yet who is at the other end
    socket.prependOnceListener('secure', () => {
      // the other form of it could be had only once
      seen.chain = chainOf(socket.getPeerCertificate(true));
    });
  });
  return seen;
}

function chainOf(leaf: DetailedPeerCertificate): readonly Buffer[] {
  const chain: Buffer[] = [];
  let at: Partial<DetailedPeerCertificate> | undefined = leaf;
  while (at?.raw !== undefined && !chain.includes(at.raw)) {
    chain.push(at.raw);
    // one that signed itself is its own issuer
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate;
  }
  return chain;
}
