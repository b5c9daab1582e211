import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpTransport } from '@coxswain/client';
import { endToEnd } from './forward.ts';

/** Passes on requests that become streams of another protocol (WebSocket, SPDY), and then the streams themselves. */
export function upgradeForwarder(
  transport: HttpTransport,
): (path: string, request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (path, request, socket, head) => {
    const fail = (error: unknown): void => {
      const text = error instanceof Error ? error.message : String(error);
      socket.end(
        `HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${text}\n`,
      );
    };
    socket.on('error', () => socket.destroy());
    upgrade(transport, path, request, socket, head, fail).catch(fail);
  };
}

async function upgrade(
  transport: HttpTransport,
  path: string,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  fail: (error: unknown) => void,
): Promise<void> {
  const { url, headers, tls, agent } = await transport.connectOptions(path);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const outgoing = send(url, {
    ...tls,
    ...(agent === undefined ? {} : { agent }),
    method: request.method ?? 'GET',
    headers: {
      ...headers,
      ...endToEnd(request.headers),
      connection: 'Upgrade',
      upgrade: request.headers.upgrade ?? 'websocket',
    },
  });
  outgoing.once('upgrade', (answer, upstream, first) => {
    socket.write(headText(answer));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) upstream.write(head);
    for (const [from, to] of [
      [upstream, socket],
      [socket, upstream],
    ] as const) {
      from.once('error', () => to.destroy());
      from.once('close', () => to.destroy());
      from.pipe(to);
    }
  });
  outgoing.once('response', (answer) => {
    socket.write(headText(answer));
    answer.pipe(socket);
  });
  outgoing.once('error', fail);
  outgoing.end();
}

function headText(answer: IncomingMessage): string {
  const lines: string[] = [];
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}\r\n`);
  }
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('')}\r\n`;
}
