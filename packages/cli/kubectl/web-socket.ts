import { errorOfResponse } from '@coxswain/client';
import WebSocket from 'ws';
import { Failure } from './error-text.ts';
import { given } from './rest.ts';
import type { Session } from './session.ts';

/** An open WebSocket and the subprotocol that the server chose. */
export interface OpenWebSocket {
  readonly socket: WebSocket;
  readonly protocol: string;
}

/**
 * Opens a WebSocket to a path of the API server.
 * @param protocols subprotocols to offer; names need not be tokens in HTTP's sense, as `SPDY/3.1+...` is none
 * @throws StatusError, or Failure when the server would not
 */
export async function openWebSocket(
  session: Session,
  path: string,
  protocols: readonly string[],
): Promise<OpenWebSocket> {
  const { transport } = await session.rest();
  const { url, headers, tls, agent } = await transport.connectOptions(path);
  const { ca, cert, key, rejectUnauthorized, servername } = tls;
  const socket = new WebSocket(url.replace(/^http/, 'ws'), {
    ...given({ ca, cert, key, rejectUnauthorized, servername, agent }),
    headers: { ...headers, 'Sec-WebSocket-Protocol': protocols.join(', ') },
    perMessageDeflate: false,
  });
  socket.binaryType = 'nodebuffer';
  // Messages may come with the handshake: nobody would hear them before the caller listens.
  socket.pause();
  const { promise, resolve, reject } = Promise.withResolvers<OpenWebSocket>();
  let protocol = '';
  socket.once('upgrade', (response) => {
    protocol = response.headers['sec-websocket-protocol'] ?? '';
    // The library knows nothing of what was offered and would refuse the choice.
    delete response.headers['sec-websocket-protocol'];
  });
  socket.once('open', () => resolve({ socket, protocol }));
  socket.once('error', (error) =>
    reject(new Failure(`unable to upgrade connection: ${error.message}`, { cause: error })),
  );
  socket.once('unexpected-response', (request, response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('close', () => {
      request.destroy();
      const body = Buffer.concat(chunks).toString('utf8');
      const failed = { method: 'GET', group: '', resource: '', name: '' };
      if (body.startsWith('{')) reject(errorOfResponse(response.statusCode ?? 0, body, failed, 0));
      else reject(new Failure(`unable to upgrade connection: ${body.trim() || response.statusMessage}`));
    });
  });
  return promise;
}
