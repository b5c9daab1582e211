import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { upgradeToSpdy } from './upgrade-request.ts';

/** The subprotocol by which clients send SPDY through a WebSocket. */
export const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';
const portForwardProtocol = 'portforward.k8s.io';

/** Whether the request is for a port forwarding through a WebSocket. */
export function wantsTunnel(request: IncomingMessage): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  return offered.includes(tunnelProtocol);
}

/** Takes the SPDY bytes of a port forwarding out of their WebSocket and hands them to the runtime. */
export async function tunnelOverWebSocket(
  target: URL,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const runtime = await upgradeToSpdy(target, [portForwardProtocol]);
  const server = new WebSocketServer({ noServer: true });
  // Its name is no token in HTTP's sense, which the library insists on: it is agreed on without it.
  delete request.headers['sec-websocket-protocol'];
  server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`));
  const client = await new Promise<WebSocket>((resolve) => {
    server.handleUpgrade(request, socket, head, resolve);
  });
  const tunnel = createWebSocketStream(client);
  if (runtime.head.length > 0) tunnel.write(runtime.head);
  tunnel.on('error', () => runtime.socket.destroy());
  runtime.socket.on('error', () => tunnel.destroy());
  tunnel.pipe(runtime.socket);
  runtime.socket.pipe(tunnel);
}
