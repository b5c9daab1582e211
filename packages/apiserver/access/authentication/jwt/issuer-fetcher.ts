import { Agent, get } from 'node:https';
import type { Clock } from '@coxswain/machinery';
import { goFault } from '../../../http/go-fault.ts';

/** As upstream waits for an issuer. */
const timeoutMs = 30_000;
const defaultPort = 443;
/** More than any discovery document or key set holds. */
const maxBytes = 4 * 1024 * 1024;

/** GETs what an issuer publishes, over HTTPS. */
export class IssuerFetcher {
  readonly #agent: Agent;
  readonly #clock: Clock;

  /** @param ca PEM; undefined: the system's roots */
  constructor(ca: string | undefined, clock: Clock) {
    this.#agent = new Agent(ca === undefined ? {} : { ca });
    this.#clock = clock;
  }

  /** A JSON document. @throws Error that names the URL and what went wrong */
  async json(url: string): Promise<unknown> {
    const text = await this.text(url, { accept: 'application/json' });
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Error(`Get "${url}": failed to decode the answer: ${(error as Error).message}`);
    }
  }

  /** @throws Error that names the URL and what went wrong */
  text(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (why: string): void => {
      timer.cancel();
      reject(new Error(`Get "${url}": ${why}`));
      request.destroy();
    };
    const request = get(url, { agent: this.#agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) fail('the answer is too large');
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(error.message));
      response.on('end', () => {
        timer.cancel();
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else fail(`${response.statusCode} ${response.statusMessage}: ${text.slice(0, 512)}`);
      });
    });
    const timer = this.#clock.after(timeoutMs, () => fail('context deadline exceeded'));
    const { hostname, port } = new URL(url);
    request.on('error', (error) => fail(goFault(error, hostname, Number(port || defaultPort))));
    return promise;
  }

  /** Closes kept connections. */
  close(): void {
    this.#agent.destroy();
  }
}
