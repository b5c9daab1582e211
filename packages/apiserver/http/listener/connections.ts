import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { watchSession } from './watch-session.ts';

/** The open connections of a server. */
export class Connections {
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();

  constructor(server: Http2SecureServer) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      watchSession(session);
    });
  }

  /** Clients of HTTP/2 are told that what they have asked was the last. */
  endSessions(): void {
    for (const session of this.#sessions) session.close();
  }

  /** Ends every connection, whatever is under way. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
