import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { RuntimeService, StreamOptions } from '@coxswain/cri';
import { findPod, findRunning, findSandboxId, type PodLookup } from './find-container.ts';
import { ServerError } from './server-error.ts';
import { execOverWebSocket } from './streaming/websocket-exec.ts';
import { tunnelOverWebSocket, wantsTunnel } from './streaming/websocket-tunnel.ts';

/** Headers that make sense on one hop only, or would tell the runtime the caller's secrets. */
const droppedHeaders = new Set(['host', 'authorization', 'content-length', 'transfer-encoding']);

/** Connects an upgraded request (exec, attach, port forwarding) with the runtime's streaming server. */
export async function upgradeStream(
  parts: PodLookup & { readonly runtime: RuntimeService },
  request: IncomingMessage,
  url: URL,
  socket: TLSSocket,
  head: Buffer,
): Promise<void> {
  const { runtime } = parts;
  const [, what = '', namespace = '', name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const webSocket = (request.headers.upgrade ?? '').toLowerCase() === 'websocket';
  if (what === 'portForward') {
    const pod = findPod(parts, namespace, name, rest[0]);
    const query = url.searchParams;
    const ports = [...query.getAll('port'), ...query.getAll('ports')].flatMap((p) => p.split(','));
    const target = new URL(await runtime.portForward(findSandboxId(parts, pod), ports.map(Number)));
    // The runtime knows port forwarding over a plain WebSocket itself, but not SPDY within one.
    if (webSocket && wantsTunnel(request)) return tunnelOverWebSocket(target, request, socket, head);
    return pipeTo(target, request, socket, head);
  }
  if (what !== 'exec' && what !== 'attach') throw new ServerError(404, '404 page not found');
  const container = rest.at(-1) ?? '';
  const pod = findPod(parts, namespace, name, rest.length > 1 ? rest[0] : undefined);
  const { id } = findRunning(parts, pod, container);
  const options = streamOptions(url.searchParams);
  const target = new URL(
    what === 'exec'
      ? await runtime.exec(id, url.searchParams.getAll('command'), options)
      : await runtime.attach(id, options),
  );
  if (webSocket) return execOverWebSocket(target, options, request, socket, head);
  return pipeTo(target, request, socket, head);
}

function streamOptions(query: URLSearchParams): StreamOptions {
  const on = (...names: string[]): boolean => names.some((n) => ['1', 'true'].includes(query.get(n) ?? ''));
  const tty = on('tty');
  const options = {
    stdin: on('input', 'stdin'),
    stdout: on('output', 'stdout'),
    // A terminal has one output.
    stderr: on('error', 'stderr') && !tty,
    tty,
  };
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw new ServerError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  return options;
}

/** Sends the same request to the target and lets the bytes run both ways from there on. */
function pipeTo(target: URL, request: IncomingMessage, socket: TLSSocket, head: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    const fail = (error: Error): void =>
      reject(new ServerError(502, `cannot reach the runtime's streaming server: ${error.message}`));
    upstream.once('error', fail);
    upstream.once('connect', () => {
      upstream.off('error', fail);
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      const lines = [`${request.method} ${target.pathname}${target.search} HTTP/1.1`, `Host: ${target.host}`];
      const { rawHeaders } = request;
      for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
        const name = rawHeaders[i] ?? '';
        if (!droppedHeaders.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[i + 1]}`);
      }
      upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
      if (head.length > 0) upstream.write(head);
      upstream.setNoDelay(true);
      socket.setNoDelay(true);
      upstream.pipe(socket);
      socket.pipe(upstream);
      upstream.once('close', () => socket.destroySoon());
      socket.once('close', () => upstream.destroySoon());
      resolve();
    });
  });
}
