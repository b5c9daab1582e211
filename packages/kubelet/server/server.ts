import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Client } from '@coxswain/client';
import { type Runtime, RuntimeError } from '@coxswain/cri';
import { type Clock, type Logger, StatusError } from '@coxswain/machinery';
import type { KubeletServerOptions } from '../kubelet-options.ts';
import { readContainerLog } from './container-logs.ts';
import { DelegatedAccess } from './delegated-access.ts';
import { findLogged, findPod, type PodLookup } from './find-container.ts';
import { parseLogOptions } from './log-options.ts';
import { metricsText } from './metrics.ts';
import { ServerError } from './server-error.ts';
import { statsSummary } from './stats.ts';
import { upgradeStream } from './upgrade.ts';

export interface ServerParts extends PodLookup {
  readonly options: KubeletServerOptions;
  readonly client: Client;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  /** What is wrong; absent when nothing is. */
  readonly healthy: () => string | undefined;
  readonly podLogsDir: string;
}

/** How long a connection may wait for its next request, as upstream's. */
const idleTimeoutMs = 90_000;

export interface KubeletServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the kubelet's API: logs, exec, attach, port forwarding, pods, statistics and health. */
export async function startServer(parts: ServerParts): Promise<KubeletServer> {
  const { options, logger } = parts;
  const access = new DelegatedAccess(parts.client, parts.clock, parts.nodeName);
  const server = createServer({
    cert: options.cert,
    key: options.key,
    ...(options.clientCa === undefined ? {} : { ca: options.clientCa }),
    requestCert: true,
    // Who has no certificate may have a token.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    keepAliveTimeout: idleTimeoutMs,
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A peer that goes away in the middle of things is its own business.
    socket.on('error', (error) => logger.debug('a connection to the server broke', { error: error.message }));
  });
  server.on('request', (request, response) => {
    handle(parts, access, request, response).catch((error) => refuse(response, error, logger));
  });
  server.on('upgrade', (request, socket, head) => {
    void upgrade(parts, access, request, socket as TLSSocket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 10_250, options.address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function upgrade(
  parts: ServerParts,
  access: DelegatedAccess,
  request: IncomingMessage,
  socket: TLSSocket,
  head: Buffer,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    await access.check(socket, request.headers.authorization, request.method ?? 'GET', url.pathname);
    await upgradeStream(parts, request, url, socket, head);
  } catch (error) {
    const { status, body } = answerTo(error, parts.logger);
    socket.end(
      `HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : 'Error'}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

async function handle(
  parts: ServerParts,
  access: DelegatedAccess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const { pathname: path } = url;
  await access.check(
    request.socket as TLSSocket,
    request.headers.authorization,
    request.method ?? 'GET',
    path,
  );
  const [, first = '', ...rest] = path.split('/');
  switch (first) {
    case 'healthz': {
      const problem = parts.healthy();
      if (problem) throw new ServerError(500, problem);
      return sendText(response, 'ok');
    }
    case 'pods':
      return sendJson(response, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: parts.pods() });
    case 'runningpods':
      return sendJson(response, {
        kind: 'PodList',
        apiVersion: 'v1',
        metadata: {},
        items: parts
          .pods()
          .filter((p) =>
            parts.runtimePod(p.metadata.uid ?? '')?.containers.some((c) => c.state === 'running'),
          ),
      });
    case 'containerLogs':
      return sendLog(parts, rest, url, request, response);
    case 'run':
      return sendRun(parts, rest, url, response);
    case 'stats':
      return sendJson(response, await statsSummary(parts));
    case 'metrics':
      return sendText(response, await metricsText(parts, rest[0] ?? ''), 'text/plain; version=0.0.4');
    case 'configz':
      return sendJson(response, {
        kubeletconfig: { kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1' },
      });
    case 'exec':
    case 'attach':
    case 'portForward':
      throw new ServerError(400, 'Upgrade request required');
    default:
      throw new ServerError(404, '404 page not found');
  }
}

async function sendLog(
  parts: ServerParts,
  [namespace = '', name = '', container = '']: readonly string[],
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let options: ReturnType<typeof parseLogOptions>;
  try {
    options = parseLogOptions(url.searchParams, parts.clock.now());
  } catch (error) {
    throw new ServerError(422, (error as Error).message);
  }
  const pod = findPod(parts, namespace, name);
  const found = findLogged(parts, pod, container, options.previous);
  // A simulated container writes nothing.
  if (found.logPath === '') return sendText(response, '', 'text/plain');
  const gone = new AbortController();
  request.socket.once('close', () => gone.abort());
  const running = async (): Promise<boolean> =>
    (await parts.runtime.containerStatus(found.id)).state === 'CONTAINER_RUNNING';
  const log = readContainerLog(
    found.logPath,
    options,
    parts.clock,
    () => running().catch(() => false),
    gone.signal,
  );
  // The first read comes before the header: a log that cannot be read is an error, not an empty answer.
  const first = await log.next();
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  if (!first.done) response.write(first.value);
  for await (const bytes of log) {
    if (!response.write(bytes)) await drained(response, gone.signal);
    if (gone.signal.aborted) return;
  }
  response.end();
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}

async function sendRun(
  parts: ServerParts,
  [namespace = '', name = '', container = '']: readonly string[],
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const pod = findPod(parts, namespace, name);
  const found = parts.runtimePod(pod.metadata.uid ?? '')?.containers.find((c) => c.name === container);
  if (!found) throw new ServerError(404, `container not found ("${container}")`);
  const result = await parts.runtime.execSync(found.id, url.searchParams.getAll('cmd'), 0);
  response.end(Buffer.concat([result.stdout, result.stderr]));
}

function sendText(response: ServerResponse, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(200, { 'content-type': type });
  response.end(text);
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function answerTo(error: unknown, logger: Logger): { status: number; body: string } {
  if (error instanceof ServerError) return { status: error.status, body: error.message };
  if (error instanceof StatusError) return { status: error.code, body: error.message };
  if (error instanceof RuntimeError) {
    // Clients take "KEY: TEXT" for a Status without a message, so a runtime that cannot says only that.
    if (error.code === 'Unimplemented') return { status: 500, body: error.details };
    if (error.code === 'NotFound') return { status: 404, body: error.message };
    if (error.code === 'ResourceExhausted') return { status: 429, body: error.message };
  }
  logger.warn('a request to the server failed', {
    error: error instanceof Error ? error.stack : String(error),
  });
  return { status: 500, body: (error as Error).message };
}

function refuse(response: ServerResponse, error: unknown, logger: Logger): void {
  const { status, body } = answerTo(error, logger);
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(body);
}
