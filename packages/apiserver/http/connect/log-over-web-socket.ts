import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { newStatusError } from '@coxswain/machinery';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Request } from '../reply.ts';
import type { KubeletClientOptions } from './backend.ts';
import type { Location } from './connector.ts';
import { readLog } from './log-answer.ts';

/** Bytes as they are, or as text for clients that cannot read bytes. */
const protocols = ['binary.k8s.io', 'base64.binary.k8s.io'];

/**
 * Sends a container's log over a WebSocket, a message for each piece, and closes it after the last. The first
 * message is empty: some clients wait for one. Rejects before the upgrade when the kubelet refuses.
 */
export async function logOverWebSocket(
  location: Location,
  kubelet: KubeletClientOptions,
  name: string,
  request: Request,
  socket: TLSSocket,
  head: Buffer,
): Promise<void> {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  const chosen = offered.find((p) => protocols.includes(p));
  if (chosen === undefined && offered.some((p) => p !== '')) {
    throw newStatusError({
      code: 400,
      reason: 'BadRequest',
      message: `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${protocols.join(' ')}]`,
    });
  }
  const log = await readLog(location, kubelet, name);
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => chosen ?? false });
  const client = await new Promise<WebSocket>((resolve) => {
    server.handleUpgrade(request as IncomingMessage, socket, head, resolve);
  });
  client.on('close', () => log.destroy());
  client.on('error', () => log.destroy());
  await send(client, Buffer.alloc(0));
  const base64 = chosen === 'base64.binary.k8s.io';
  try {
    // One message is on its way at a time, so a client that reads slowly slows the kubelet.
    for await (const piece of log as AsyncIterable<Buffer>) {
      await send(client, base64 ? piece.toString('base64') : piece);
    }
    client.close(1000);
  } catch {
    // The kubelet or the client went away; neither can be told anything more.
    client.terminate();
  }
}

function send(client: WebSocket, message: Buffer | string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(message, (error) => (error ? reject(error) : resolve()));
  });
}
