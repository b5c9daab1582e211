import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import { kubectlCommand, type Verb } from '../verb.ts';
import { answerText, requestForwarder } from './forward.ts';
import { acceptHosts, acceptPaths, RequestFilter, rejectPaths } from './request-filter.ts';
import { staticFiles } from './static-files.ts';
import { upgradeForwarder } from './upgrade.ts';

const defaultPort = 8001;

const verb: Verb = {
  usage: 'proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  summary:
    'Creates a proxy server or application-level gateway between localhost and the Kubernetes API server.',
  flags: {
    'accept-hosts': { type: 'string', default: acceptHosts, help: 'Expressions for hosts to accept' },
    'accept-paths': { type: 'string', default: acceptPaths, help: 'Expressions for paths to accept' },
    address: { type: 'string', default: '127.0.0.1', help: 'Address to serve on' },
    'api-prefix': { type: 'string', default: '/', help: 'Prefix to serve the API under' },
    'append-server-path': { type: 'bool', default: 'false', help: "Accepted: the server's path is kept" },
    'disable-filter': { type: 'bool', default: 'false', help: 'Accept every request; dangerous' },
    keepalive: { type: 'duration', default: '0s', help: 'Keep idle connections so long' },
    port: { type: 'int', shorthand: 'p', default: String(defaultPort), help: 'Port to serve on; 0: any' },
    'reject-methods': { type: 'string', default: '^$', help: 'Expressions for methods to reject' },
    'reject-paths': { type: 'string', default: rejectPaths, help: 'Expressions for paths to reject' },
    'unix-socket': { type: 'string', shorthand: 'u', help: 'Unix socket to serve on' },
    www: { type: 'string', shorthand: 'w', help: 'Folder of files to serve too' },
    'www-prefix': {
      type: 'string',
      shorthand: 'P',
      default: '/static/',
      help: 'Prefix to serve files under',
    },
  },
  run,
};

export const proxy = kubectlCommand('proxy', verb);

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const socket = flags.string('unix-socket') ?? '';
  const port = flags.int('port') ?? defaultPort;
  if (socket !== '' && port !== defaultPort) {
    throw new Failure('cannot set --unix-socket and --port at the same time');
  }
  if (flags.bool('disable-filter') && socket === '') {
    session.err('W Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious\n');
  }
  const server = await serverOf(session);
  if (socket === '') server.listen(port, flags.string('address'));
  else {
    if (statSync(socket, { throwIfNoEntry: false })?.isSocket()) rmSync(socket);
    server.listen(socket);
  }
  await once(server, 'listening');
  const address = server.address();
  const place =
    typeof address === 'string' ? address : `${hostText(address?.address ?? '')}:${address?.port}`;
  session.out(`Starting to serve on ${place}\n`);
  await new Promise<void>((resolve) => {
    if (session.signal.aborted) resolve();
    session.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  server.closeAllConnections();
  server.close();
  return 0;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function serverOf(session: Session): Promise<Server> {
  const { flags } = session;
  const { transport } = await session.rest();
  const filter = flags.bool('disable-filter') ? undefined : RequestFilter.of(flags);
  const prefix = withSlash(flags.string('api-prefix') ?? '/');
  const filesPrefix = withSlash(flags.string('www-prefix') ?? '/static/');
  const www = flags.string('www') ?? '';
  const files = www === '' ? undefined : staticFiles(www);
  const forward = requestForwarder(transport);
  const upgrade = upgradeForwarder(transport);
  /** The path at the server; undefined where nothing is served, '' where the filter refuses. */
  const apiPath = (url: string, method: string, host: string): string | undefined => {
    if (!url.startsWith(prefix)) return undefined;
    if (filter?.accepts(method, new URL(url, 'http://localhost').pathname, host) === false) return '';
    return prefix.startsWith('/api') ? url : `/${url.slice(prefix.length)}`;
  };
  const server = createServer((request, response) => {
    const { url = '/', method = 'GET', headers } = request;
    if (files !== undefined && url.startsWith(filesPrefix)) {
      files(url.slice(filesPrefix.length - 1), response);
      return;
    }
    const path = apiPath(url, method, headers.host ?? '');
    if (path === undefined) answerText(response, 404, '404 page not found');
    else if (path === '') answerText(response, 403, 'Forbidden');
    else forward(path, request, response);
  });
  server.keepAliveTimeout = flags.duration('keepalive') || server.keepAliveTimeout;
  server.on('upgrade', (request, socket, head) => {
    const path = apiPath(request.url ?? '/', request.method ?? 'GET', request.headers.host ?? '');
    if (path) upgrade(path, request, socket, head);
    else
      socket.end(`HTTP/1.1 ${path === '' ? '403 Forbidden' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
  });
  return server;
}

function withSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}
