import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Credentials } from '@coxswain/client';
import type { Clock } from '@coxswain/machinery';
import { goFault, goVerification } from '../../http/go-fault.ts';
import { measuredRequest } from '../../http/metrics/rest-client-metrics.ts';
import { shownPeerFault } from '../../http/peer-fault.ts';
import { type SeenConnection, watchConnection } from '../../http/seen-connection.ts';
import type { Endpoint } from './client-config.ts';

/** What a webhook answered, whatever that is. */
export interface WebhookAnswer {
  readonly status: number;
  /** '' for none. */
  readonly contentType: string;
  /** '' for none. */
  readonly retryAfter: string;
  readonly body: Buffer;
}

/** One message to a webhook. */
export interface Posting {
  readonly endpoint: Endpoint;
  readonly url: URL;
  readonly body: Buffer;
  readonly as: Credentials;
}

/** As Go's client. */
const maxRedirects = 10;
/** As client-go. */
export const maxRetries = 10;
/** Shorter than servers keep connections that nobody uses (75 s, commonly): none is used that is about to end. */
const idleMs = 30_000;
/** So many are kept, as upstream's transport does. */
const idleConnections = 25;

const noLonger = 'context deadline exceeded';

/** As long as a timer goes. */
const longestMs = 2 ** 31 - 1;

/** An answer began, and broke off. */
class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
  readonly code = 'WEBHOOK_ANSWER_BROKEN';

  constructor(cause: string) {
    super(`unexpected error when reading response body. Please retry. Original error: ${cause}`);
  }
}

/**
 * POSTs to a webhook as client-go does: goes where it is sent on to, and tries again when it is asked to.
 * @throws Error in Go's words
 */
export async function exchange(posting: Posting, timeoutMs: number, clock: Clock): Promise<WebhookAnswer> {
  const over = new AbortController();
  const timer = clock.after(timeoutMs, () => over.abort());
  try {
    for (let attempt = 0; ; attempt += 1) {
      const { url, body } = posting;
      const answer = await measuredRequest('POST', url.host, body.length, clock, () =>
        follow(posting, clock, over.signal),
      );
      const seconds = secondsToWait(answer);
      if (seconds === undefined || attempt === maxRetries) return answer;
      await waitFor(Math.min(Math.max(seconds, 0) * 1000, longestMs), clock, over.signal);
    }
  } finally {
    timer.cancel();
  }
}

/** How long an answer asks to wait before it is asked for again; undefined where it does not. */
export function secondsToWait({
  status,
  retryAfter,
}: Pick<WebhookAnswer, 'status' | 'retryAfter'>): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  return /^[+-]?\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

function waitFor(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        timer.cancel();
        resolve();
      },
      { once: true },
    );
  });
}

interface Hop {
  readonly url: URL;
  /** As the header and errors tell it. */
  readonly authority: string;
  readonly method: 'POST' | 'GET';
  readonly referer?: string;
}

/** @throws Error in Go's words: of the URL that failed */
async function follow(posting: Posting, clock: Clock, signal: AbortSignal): Promise<WebhookAnswer> {
  let hop: Hop = { url: posting.url, authority: posting.endpoint.authority, method: 'POST' };
  for (let redirects = 0; ; redirects += 1) {
    let answer: IncomingMessage;
    try {
      answer = await send(posting, hop, clock, signal);
    } catch (error) {
      throw postFault(shownUrl(hop), (error as Error).message);
    }
    const { location } = answer.headers;
    const status = answer.statusCode ?? 0;
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return read(answer, signal);
    answer.resume();
    if (redirects === maxRedirects - 1) throw postFault(location, `stopped after ${maxRedirects} redirects`);
    hop = nextHop(hop, location, status);
  }
}

function postFault(url: string, cause: string): Error {
  return new Error(`Post "${url}": ${cause}`);
}

function shownUrl({ url, authority }: Hop): string {
  return `${url.protocol}//${authority}${url.pathname}${url.search}`;
}

function nextHop({ url, method }: Hop, location: string, status: number): Hop {
  if (!URL.canParse(location, url.href))
    throw postFault(url.href, `failed to parse Location header "${location}"`);
  const next = new URL(location, url);
  const secret = url.protocol === 'https:' && next.protocol === 'http:';
  return {
    url: next,
    authority: next.host,
    method: status === 307 || status === 308 ? method : 'GET',
    ...(secret ? {} : { referer: url.href }),
  };
}

/** Gives an answer of which the head is there. @throws Error in Go's words */
function send(posting: Posting, hop: Hop, clock: Clock, signal: AbortSignal): Promise<IncomingMessage> {
  const { endpoint, body, as } = posting;
  const { url, method } = hop;
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const own = url.host === endpoint.url.host;
  const at = (own && endpoint.dial?.()) || { host: hostname, port: portOf(url) };
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Error(noLonger));
      return;
    }
    let sent: ClientRequest;
    let seen: SeenConnection = { chain: [] };
    const peer = (): string | undefined => shownPeerFault(seen.chain, endpoint.ca, hostname, clock.now());
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', onAbort);
      reject(
        new Error(
          signal.aborted
            ? noLonger
            : goFault(error, at.host, at.port, { local: seen.local, peerFault: peer }),
        ),
      );
    };
    const onAbort = (): void => void sent.destroy(new Error(noLonger));
    sent = (isSecure ? httpsRequest : httpRequest)(
      {
        ...at,
        ...(isSecure && isIP(hostname) === 0 ? { servername: hostname } : {}),
        path: `${url.pathname}${url.search}`,
        method,
        headers: {
          host: hop.authority,
          'user-agent': 'kube-apiserver-admission',
          ...(method === 'POST' ? { 'content-length': body.length } : {}),
          accept: 'application/json, */*',
          ...(as.authorization === undefined ? {} : { authorization: as.authorization }),
          ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          ...(hop.referer === undefined ? {} : { referer: hop.referer }),
          'accept-encoding': 'gzip',
        },
        ...(isSecure ? { agent: agentOf(endpoint.ca, as) } : {}),
      },
      (answer) => {
        signal.removeEventListener('abort', onAbort);
        resolve(answer);
      },
    );
    // Go's client does not say what goes without saying.
    sent.removeHeader('connection');
    signal.addEventListener('abort', onAbort, { once: true });
    sent.on('error', fail);
    seen = watchConnection(sent);
    sent.end(method === 'POST' ? body : undefined);
  });
}

function portOf({ port, protocol }: URL): number {
  return port !== '' ? Number(port) : protocol === 'https:' ? 443 : 80;
}

function read(answer: IncomingMessage, signal: AbortSignal): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onAbort = (): void => void answer.destroy(new Error(noLonger));
    const settled = (): void => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', () => {
      settled();
      reject(new BrokenAnswer(signal.aborted ? noLonger : 'unexpected EOF'));
    });
    answer.on('end', () => {
      settled();
      const { 'content-type': contentType = '', 'retry-after': retryAfter = '' } = answer.headers;
      try {
        const body = unzipped(Buffer.concat(chunks), answer.headers['content-encoding']);
        resolve({ status: answer.statusCode ?? 0, contentType, retryAfter, body });
      } catch {
        reject(new BrokenAnswer('gzip: invalid header'));
      }
    });
  });
}

function unzipped(body: Buffer, encoding: string | undefined): Buffer {
  return encoding === 'gzip' && body.length > 0 ? gunzipSync(body) : body;
}

const agents = new Map<string, Agent>();
/** Webhooks with CAs and credentials of their own that are remembered; beyond, the oldest is forgotten. */
const maxAgents = 64;

/** Keeps the connections to webhooks of one CA. */
function agentOf(ca: string, { cert, key }: Credentials): Agent {
  const name = `${ca}\n${cert?.toString() ?? ''}`;
  let agent = agents.get(name);
  if (agent !== undefined) return agent;
  agent = new Agent({
    keepAlive: true,
    timeout: idleMs,
    maxFreeSockets: idleConnections,
    ...goVerification,
    ...(ca === '' ? {} : { ca }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert), key: Buffer.from(key ?? '') }),
  });
  agents.set(name, agent);
  for (const [oldest, unused] of agents) {
    if (agents.size <= maxAgents) break;
    agents.delete(oldest);
    unused.destroy();
  }
  return agent;
}
