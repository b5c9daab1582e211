import { type IncomingMessage, get as plainGet } from 'node:http';
import { Agent, get as secureGet } from 'node:https';
import { jsonFault } from '@coxswain/api';
import { type Clock, goQuote } from '@coxswain/machinery';
import { goFault, goVerification } from '../../../http/go-fault.ts';
import { shownPeerFault } from '../../../http/peer-fault.ts';
import { watchConnection } from '../../../http/seen-connection.ts';

/** As upstream waits for an issuer. */
const timeoutMs = 30_000;
const maxRedirects = 10;
/** More than any discovery document or key set holds. */
const maxBytes = 4 * 1024 * 1024;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface IssuerAnswer {
  readonly code: number;
  /** As Go writes it: `404 Not Found`. */
  readonly status: string;
  readonly text: string;
  /** The first header of a name, in small letters; `''` where there is none. */
  readonly header: (name: string) => string;
}

/** GETs what an issuer publishes. */
export class IssuerFetcher {
  readonly #agent: Agent;
  readonly #clock: Clock;
  /** PEM; `''` for the system's. */
  readonly #authorities: string;

  /** @param ca PEM; undefined: the system's roots */
  constructor(ca: string | undefined, clock: Clock) {
    this.#authorities = ca ?? '';
    const own = ca === undefined ? {} : { ca };
    this.#agent = new Agent({ ...own, ...goVerification });
    this.#clock = clock;
  }

  /** Follows redirections; another host is not told who asks. @throws Error that names the URL and what went wrong */
  async get(url: string, authorization = ''): Promise<IssuerAnswer> {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const abort = new AbortController();
    const timer = this.#clock.after(timeoutMs, () => {
      const why = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
      reject(new Error(`Get ${goQuote(url)}: ${why}`));
      abort.abort();
    });
    try {
      return await Promise.race([this.#follow(url, authorization, abort.signal), timeout]);
    } finally {
      timer.cancel();
    }
  }

  async #follow(url: string, authorization: string, signal: AbortSignal): Promise<IssuerAnswer> {
    let at = url;
    for (let hops = 0; ; hops++) {
      const isSameHost = hops === 0 || new URL(at).hostname === new URL(url).hostname;
      const answer = await this.#once(at, isSameHost ? authorization : '', signal);
      const location = answer.header('location');
      if (!redirects.has(answer.code) || location === '') return answer;
      if (hops + 1 >= maxRedirects) throw new Error(`Get ${goQuote(location)}: stopped after 10 redirects`);
      at = new URL(location, at).href;
    }
  }

  #once(url: string, authorization: string, signal: AbortSignal): Promise<IssuerAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<IssuerAnswer>();
    const fail = (why: string): void => reject(new Error(`Get ${goQuote(url)}: ${why}`));
    const { protocol, hostname, port } = new URL(url);
    const take = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= maxBytes) return;
        fail('the answer is too large');
        response.destroy();
      });
      response.on('error', (error) => fail(error.message));
      response.on('end', () => {
        const { statusCode: code = 0, statusMessage = '', headersDistinct } = response;
        const header = (name: string): string => headersDistinct[name]?.[0] ?? '';
        resolve({ code, status: `${code} ${statusMessage}`, text: Buffer.concat(chunks).toString(), header });
      });
    };
    const headers = authorization === '' ? {} : { authorization };
    if (protocol !== 'https:' && protocol !== 'http:') {
      fail(`unsupported protocol scheme ${goQuote(protocol.slice(0, -1))}`);
      return promise;
    }
    const isSecure = protocol === 'https:';
    const request = isSecure
      ? secureGet(url, { agent: this.#agent, headers, signal }, take)
      : plainGet(url, { headers, signal }, take);
    const seen = watchConnection(request);
    const peer = (): string | undefined =>
      shownPeerFault(seen.chain, this.#authorities, hostname, this.#clock.now());
    request.on('error', (error) => {
      const at = Number(port || (isSecure ? 443 : 80));
      fail(goFault(error, hostname, at, { local: seen.local, peerFault: peer }));
    });
    return promise;
  }

  /** Closes kept connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/**
 * What is read from the JSON document of an answer.
 * @param read throws what Go's decoder says of a document that does not fit
 * @throws Error in the words of upstream's library
 */
export function documentOf<T>({ text, header }: IssuerAnswer, read: (document: unknown) => T): T {
  try {
    return read(JSON.parse(text));
  } catch (cause) {
    const why = jsonFault(text) ?? (cause as Error).message;
    const type = header('content-type');
    if (/^\s*application\/json\s*(;|$)/i.test(type)) {
      throw new Error(`got Content-Type = application/json, but could not unmarshal as JSON: ${why}`);
    }
    throw new Error(`expected Content-Type = application/json, got ${goQuote(type)}: ${why}`);
  }
}
