import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Request, type Response, writeHead } from '../reply.ts';
import { askBackend, type BackendRequest, dial, isSafe, type KubeletClientOptions } from './backend.ts';
import type { Location } from './connector.ts';
import { readLog } from './log-answer.ts';
import { proxiedLink } from './proxied-link.ts';

/** Headers of one hop, and those that say who asks: they end here. */
export const droppedHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'http2-settings',
  'host',
]);

/** The client's headers without those that end here. */
export function passedHeaders(request: Request): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (
      value === undefined ||
      name.startsWith(':') ||
      droppedHeaders.has(name) ||
      name.startsWith('impersonate-')
    )
      continue;
    headers[name] = value;
  }
  // Without either, a body would have no end: node:http sees to that for some methods only.
  if (headers['content-length'] === undefined && hasBody(request)) headers['transfer-encoding'] = 'chunked';
  return headers;
}

function hasBody(request: Request): boolean {
  if ('stream' in request) return !request.stream.endAfterHeaders;
  return request.headers['transfer-encoding'] !== undefined;
}

/** Where the client believes that it is. */
function forwardedHeaders(request: Request): Record<string, string> {
  const [path = ''] = (request.url ?? '').split('?');
  const host = request.headers.host ?? '';
  return { 'x-forwarded-uri': path, 'x-forwarded-host': host, 'x-forwarded-proto': 'https' };
}

/**
 * Sends a request on and its answer back, as they come.
 * @param proxyPath the path of a proxy, which what is behind it is told of and which its redirects are led through
 */
export async function forward(
  location: Location,
  kubelet: KubeletClientOptions,
  request: Request,
  response: Response,
  proxyPath?: string,
): Promise<void> {
  const { host, port } = location;
  const method = request.method ?? 'GET';
  const passed = passedHeaders(request);
  const answer = await askBackend(location, kubelet, {
    method,
    headers: { ...passed, ...(proxyPath === undefined ? {} : forwardedHeaders(request)) },
    ...whileWanted(response, (outgoing) => {
      if (isSafe(method)) outgoing.end();
      else request.pipe(outgoing);
    }),
  });
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !droppedHeaders.has(name)) headers[name] = value;
  }
  if (proxyPath !== undefined && answer.headers.location !== undefined) {
    const hosts = [`${host}:${port}`, host, request.headers.host ?? ''];
    headers['location'] = proxiedLink(answer.headers.location, proxyPath, hosts);
  }
  await passOn(answer, headers, response);
}

/** Sends a request as long as its client waits for the answer. */
export function whileWanted(
  response: Response,
  send: (outgoing: ClientRequest) => void,
): Pick<BackendRequest, 'send' | 'abandoned'> {
  let left = false;
  return {
    send: (outgoing) => {
      response.once('close', () => {
        left = true;
        outgoing.destroy();
      });
      send(outgoing);
    },
    abandoned: () => left,
  };
}

/** Sends a container's log as the kubelet tells it; what the kubelet refuses becomes a Status. */
export async function forwardLog(
  location: Location,
  kubelet: KubeletClientOptions,
  name: string,
  response: Response,
): Promise<void> {
  const wanted = whileWanted(response, (outgoing) => outgoing.end());
  const answer = await readLog(location, kubelet, name, wanted);
  const headers = { 'content-type': answer.headers['content-type'] ?? 'text/plain' };
  await passOn(answer, headers, response);
}

/** Settles when the answer has ended, or broken: then the client's connection breaks too. */
export function passOn(
  answer: IncomingMessage,
  headers: Record<string, string | string[]>,
  response: Response,
): Promise<void> {
  writeHead(response, answer.statusCode ?? 502, headers);
  (response as { flushHeaders?(): void }).flushHeaders?.();
  return new Promise((resolve) => {
    answer.pipe(response as NodeJS.WritableStream);
    answer.on('end', resolve);
    answer.on('error', () => {
      response.destroy();
      resolve();
    });
    answer.on('close', resolve);
  });
}

/** Joins the client's upgraded connection with one to the location; bytes pass as they are. */
export async function forwardUpgrade(
  location: Location,
  kubelet: KubeletClientOptions,
  request: Request,
  socket: TLSSocket,
  head: Buffer,
): Promise<void> {
  const backend = await dial(location, kubelet);
  joinUpgraded(backend, location, passedHeaders(request), request, socket, head);
}

/** Asks a connected server for the upgrade, and lets the bytes of both sides pass from then on. */
export function joinUpgraded(
  backend: Socket,
  location: Location,
  headers: Readonly<Record<string, string | string[]>>,
  request: Request,
  socket: TLSSocket,
  head: Buffer,
): void {
  const lines = [`${request.method} ${location.path} HTTP/1.1`, `Host: ${location.host}:${location.port}`];
  for (const [name, value] of Object.entries(headers)) {
    for (const each of Array.isArray(value) ? value : [value]) lines.push(`${name}: ${each}`);
  }
  lines.push('Connection: Upgrade', `Upgrade: ${request.headers.upgrade ?? ''}`);
  backend.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) backend.write(head);
  backend.setNoDelay(true);
  socket.setNoDelay(true);
  socket.setTimeout(0);
  socket.pipe(backend);
  backend.pipe(socket);
  backend.on('error', () => socket.destroy());
  socket.on('error', () => backend.destroy());
  backend.on('close', () => socket.destroy());
  socket.on('close', () => backend.destroy());
}
