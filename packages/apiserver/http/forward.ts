import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { newServiceUnavailable, newStatusError } from '@coxswain/machinery';
import type { Location } from './connector.ts';
import { proxiedLink } from './proxied-link.ts';
import { type Request, type Response, writeHead } from './reply.ts';

/** How the server identifies itself to kubelets, and finds them. */
export interface KubeletClientOptions {
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** PEM bundle; absent: kubelets' certificates are not checked, as upstream's default. */
  readonly ca?: string;
  /** `--kubelet-preferred-address-types`. */
  readonly preferredAddressTypes?: readonly string[];
}

/** Headers of one hop, and those that say who asks: they end here. */
const dropped: ReadonlySet<string> = new Set([
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

const agents = new WeakMap<KubeletClientOptions, Agent>();

function agentOf(options: KubeletClientOptions): Agent {
  let agent = agents.get(options);
  if (agent === undefined) {
    agent = new Agent({ keepAlive: true, ...tlsOptions(options) });
    agents.set(options, agent);
  }
  return agent;
}

function tlsOptions(options: KubeletClientOptions): object {
  return {
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    rejectUnauthorized: options.ca !== undefined,
    // Kubelets are known by the address in their certificate, whatever it is called in a request.
    checkServerIdentity: () => undefined,
  };
}

function passedHeaders(request: Request): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(':') || dropped.has(name) || name.startsWith('impersonate-'))
      continue;
    headers[name] = value;
  }
  return headers;
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
export function forward(
  location: Location,
  kubelet: KubeletClientOptions,
  request: Request,
  response: Response,
  proxyPath?: string,
): Promise<void> {
  const { protocol, host, port, path } = location;
  return new Promise((resolve, reject) => {
    const passed = passedHeaders(request);
    const asked = { ...passed, ...(proxyPath === undefined ? {} : forwardedHeaders(request)) };
    const options = { host, port, path, method: request.method ?? 'GET', headers: asked };
    const onAnswer = (answer: IncomingMessage): void => {
      const headers: Record<string, string | string[]> = {};
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && !dropped.has(name)) headers[name] = value;
      }
      if (proxyPath !== undefined && answer.headers.location !== undefined) {
        const hosts = [`${host}:${port}`, host, request.headers.host ?? ''];
        headers['location'] = proxiedLink(answer.headers.location, proxyPath, hosts);
      }
      writeHead(response, answer.statusCode ?? 502, headers);
      (response as { flushHeaders?(): void }).flushHeaders?.();
      answer.pipe(response as NodeJS.WritableStream);
      answer.on('end', resolve);
      answer.on('error', () => {
        response.destroy();
        resolve();
      });
    };
    const outgoing =
      protocol === 'http:'
        ? httpRequest(options, onAnswer)
        : httpsRequest(
            location.kubelet
              ? { ...options, agent: agentOf(kubelet) }
              : { ...options, rejectUnauthorized: false },
            onAnswer,
          );
    response.on('close', () => outgoing.destroy());
    outgoing.on('error', (error) => {
      if (response.headersSent) {
        response.destroy();
        resolve();
      } else reject(unreachable(location, error));
    });
    if (request.method === 'GET' || request.method === 'HEAD') outgoing.end();
    else request.pipe(outgoing);
  });
}

/** The error of a dead kubelet or pod, with the words of upstream's proxies. */
function unreachable({ kubelet, protocol, host, port, path }: Location, error: Error): Error {
  const text = `dial tcp ${host}:${port}: ${error.message}`;
  if (!kubelet) return newServiceUnavailable(`error trying to reach service: ${text}`);
  return newStatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: Get "${protocol}//${host}:${port}${path}": ${text}`,
    details: { causes: [{ message: text }] },
  });
}

/** GETs from a kubelet; rejects with its error when it refuses. */
export function fetchFromKubelet(
  location: Location,
  kubelet: KubeletClientOptions,
): Promise<IncomingMessage> {
  const { host, port, path } = location;
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest({ host, port, path, agent: agentOf(kubelet) }, (answer) => {
      if (answer.statusCode === 200) {
        resolve(answer);
        return;
      }
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const message = Buffer.concat(parts).toString('utf8');
        reject(newStatusError({ code: answer.statusCode ?? 502, reason: 'Unknown', message }));
      });
      answer.on('error', reject);
    });
    outgoing.on('error', (error) => reject(unreachable(location, error)));
    outgoing.end();
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
  const headers = passedHeaders(request);
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

function dial(location: Location, kubelet: KubeletClientOptions): Promise<Socket> {
  const { host, port, protocol } = location;
  return new Promise((resolve, reject) => {
    const backend =
      protocol === 'http:'
        ? connectPlain({ host, port })
        : connectTls({
            host,
            port,
            ALPNProtocols: ['http/1.1'],
            ...(location.kubelet ? tlsOptions(kubelet) : { rejectUnauthorized: false }),
          });
    const onError = (error: Error): void => reject(unreachable(location, error));
    backend.once('error', onError);
    backend.once(protocol === 'http:' ? 'connect' : 'secureConnect', () => {
      backend.off('error', onError);
      resolve(backend);
    });
  });
}
