import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../access/contract.ts';
import { askBackend, dial, isSafe } from '../http/connect/backend.ts';
import type { Location } from '../http/connect/connector.ts';
import { droppedHeaders, joinUpgraded, passedHeaders, passOn, whileWanted } from '../http/connect/forward.ts';
import { proxiedLink } from '../http/connect/proxied-link.ts';
import { type Request, type Response, writeHead } from '../http/reply.ts';
import { identityHeaders, isIdentityHeader } from './identity-headers.ts';
import type { RemoteServer } from './remote-server.ts';

const redirectRefused = 'the backend attempted to redirect this request, which is not permitted';

/** Of an answer, these are this server's own to say. */
const corsHeaders: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
]);

/**
 * Sends a request on to the server of its version, in the name of who asks, and its answer back as it comes.
 * Faults are told in plain text, as Go's `http.Error` does.
 *
 * @param refuseRedirects `--aggregator-reject-forwarding-redirect`
 */
export async function proxyRequest(
  remote: RemoteServer,
  user: UserInfo,
  request: Request,
  response: Response,
  refuseRedirects: boolean,
): Promise<void> {
  const location = locate(remote, request.url ?? '/');
  if (location === undefined) return plainFault(response, 503, 'service unavailable');
  const method = request.method ?? 'GET';
  let answer: Awaited<ReturnType<typeof askBackend>>;
  try {
    answer = await askBackend(
      location,
      {},
      {
        method,
        headers: { ...sentHeaders(request, user), ...forwarded(request, location) },
        ...whileWanted(response, (outgoing) => {
          if (isSafe(method)) outgoing.end();
          else request.pipe(outgoing);
        }),
      },
    );
  } catch (error) {
    return plainFault(response, 503, (error as Error).message);
  }
  const code = answer.statusCode ?? 502;
  const link = answer.headers.location;
  if (refuseRedirects && code >= 300 && code <= 399 && link !== undefined) {
    answer.destroy();
    writeHead(response, 502, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': redirectRefused.length,
    });
    response.end(redirectRefused);
    return;
  }
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !droppedHeaders.has(name) && !corsHeaders.has(name)) headers[name] = value;
  }
  if (link !== undefined) {
    headers['location'] = proxiedLink(link, '', [
      hostOf(location),
      location.host,
      request.headers.host ?? '',
    ]);
  }
  if (headers['cache-control'] === undefined) headers['cache-control'] = 'no-cache, private';
  await passOn(answer, headers, response);
}

/** Joins a client's upgraded connection with one to the server of its version; their bytes pass as they are. */
export async function proxyUpgrade(
  remote: RemoteServer,
  user: UserInfo,
  request: Request,
  socket: TLSSocket,
  head: Buffer,
): Promise<void> {
  const location = locate(remote, request.url ?? '/');
  if (location === undefined) return refuseUpgrade(socket, 'service unavailable');
  try {
    const backend = await dial(location, {});
    joinUpgraded(backend, location, sentHeaders(request, user), request, socket, head);
  } catch (error) {
    refuseUpgrade(socket, (error as Error).message);
  }
}

/** Undefined where the server is known to be away, or its service leads nowhere. */
function locate(remote: RemoteServer, path: string): Location | undefined {
  if (!remote.available) return undefined;
  try {
    return remote.locate(path);
  } catch {
    // Why is in the APIService's condition: clients are told no more than upstream tells them.
    return undefined;
  }
}

function hostOf({ host, port }: Location): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function sentHeaders(request: Request, user: UserInfo): Record<string, string | string[]> {
  const headers = passedHeaders(request);
  for (const name of Object.keys(headers)) if (isIdentityHeader(name)) delete headers[name];
  const client = request.socket.remoteAddress?.replace(/^::ffff:/, '');
  const before = headers['x-forwarded-for'];
  if (client !== undefined) {
    headers['x-forwarded-for'] = before === undefined ? client : `${before}, ${client}`;
  }
  return { ...headers, ...identityHeaders(user) };
}

function forwarded(request: Request, location: Location): Record<string, string> {
  const [path = ''] = (request.url ?? '').split('?');
  return {
    host: hostOf(location),
    'x-forwarded-uri': path,
    'x-forwarded-host': hostOf(location),
    'x-forwarded-proto': 'https',
  };
}

function plainFault(response: Response, code: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `${text}\n`;
  writeHead(response, code, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function refuseUpgrade(socket: TLSSocket, text: string): void {
  const body = `${text}\n`;
  socket.end(
    'HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n' +
      `x-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
