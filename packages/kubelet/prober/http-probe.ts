import { request as httpsRequest } from 'node:https';
import type { corev1 } from '@coxswain/api';
import { type Clock, nodeHttp } from '@coxswain/machinery';
import type { Container } from '../types.ts';

/** Bytes of a probe's answer that are read and shown. */
const maxBody = 10 << 10;
const maxRedirects = 10;

export interface HttpTarget {
  readonly url: URL;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** What came back: a status, or the error that kept it from coming. */
export interface HttpAnswer {
  readonly status?: number;
  readonly body?: string;
  readonly error?: string;
}

/** The number of a container's port, given as such or by name. */
export function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find((p) => p.name === port);
  const number = named?.containerPort ?? Number(port);
  if (!Number.isInteger(number) || number <= 0 || number >= 65536) {
    throw new Error(`couldn't find port: ${JSON.stringify(port)}`);
  }
  return number;
}

export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function httpTarget(action: corev1.HTTPGetAction, container: Container, podIp: string): HttpTarget {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const host = hostInUrl(action.host || podIp);
  const path = action.path ?? '/';
  const port = portNumber(action.port, container);
  const url = new URL(`${scheme}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`);
  return { url, headers: action.httpHeaders ?? [] };
}

/** GETs the target; follows redirects on the same host, gives others as they are. Never rejects. */
export async function httpProbe(
  target: HttpTarget,
  timeoutMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const limit = new AbortController();
  const timer = clock.after(timeoutMs, () => limit.abort());
  const abort = (): void => limit.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    let url = target.url;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const { answer, location } = await get(url, target.headers, limit.signal);
      if (location === undefined) return answer;
      const next = new URL(location, url);
      if (next.hostname !== target.url.hostname) return answer;
      url = next;
    }
    return { error: `Get "${target.url}": stopped after ${maxRedirects} redirects` };
  } catch (error) {
    const cause = limit.signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : describe(error as NodeJS.ErrnoException, target.url);
    return { error: `Get "${target.url}": ${cause}` };
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', abort);
  }
}

/** Node's errors in the words of Go's dialer, which events of pods show. */
export function describe(error: NodeJS.ErrnoException, url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return describeDial(error, `${url.hostname}:${port}`);
}

export function describeDial(error: NodeJS.ErrnoException, address: string): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `dial tcp ${address}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp ${address}: connect: no route to host`;
    case 'ENETUNREACH':
      return `dial tcp ${address}: connect: network is unreachable`;
    case 'ECONNRESET':
      return `read tcp ${address}: read: connection reset by peer`;
    default:
      return error.message;
  }
}

function get(
  url: URL,
  headers: HttpTarget['headers'],
  signal: AbortSignal,
): Promise<{ answer: HttpAnswer; location?: string }> {
  return new Promise((resolve, reject) => {
    const all: Record<string, string[]> = {};
    for (const { name, value } of headers) {
      const key = name.toLowerCase();
      all[key] = [...(all[key] ?? []), value];
    }
    all['user-agent'] ??= ['kube-probe/1.36'];
    all['accept'] ??= ['*/*'];
    const options = { headers: all, signal, agent: false, rejectUnauthorized: false };
    const send = url.protocol === 'https:' ? httpsRequest : nodeHttp.request;
    const request = send(url, options as object, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        if (size < maxBody) chunks.push(chunk.subarray(0, maxBody - size));
        size += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const body = Buffer.concat(chunks).toString('utf8');
        const location = status >= 300 && status < 400 ? response.headers.location : undefined;
        resolve({ answer: { status, body }, ...(location === undefined ? {} : { location }) });
      });
    });
    request.on('error', reject);
    request.end();
  });
}
