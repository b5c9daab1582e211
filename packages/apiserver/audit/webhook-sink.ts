import { type HttpTransport, httpTransport, type ResolvedKubeconfig } from '@coxswain/client';
import type { Clock } from '@coxswain/machinery';
import { type AuditEvent, encodeEventList } from './event.ts';
import type { AuditSink, SinkFault } from './sink.ts';

export interface WebhookSinkOptions {
  /** Where events go, and with which credentials. */
  readonly endpoint: ResolvedKubeconfig;
  /** Wait before the second attempt. */
  readonly initialBackoffMs: number;
}

/** Upstream's: each wait is half as long again as the one before, and up to a fifth longer by chance. */
const backoffFactor = 1.5;
const jitter = 0.2;
const attempts = 5;
const timeoutMs = 30_000;
/** Upstream's sender does not name itself: this is what Go says then. */
const userAgent = 'Go-http-client/1.1';

/** Sends events to a server as an EventList. */
export class WebhookSink implements AuditSink {
  readonly #transport: HttpTransport;
  readonly #initialBackoffMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #fault: SinkFault;
  readonly #path: string;

  constructor(options: WebhookSinkOptions, clock: Clock, random: () => number, fault: SinkFault) {
    this.#initialBackoffMs = options.initialBackoffMs;
    this.#clock = clock;
    this.#random = random;
    this.#fault = fault;
    // What the URL bears as its path is put in front.
    const root = new URL(options.endpoint.server).pathname === '/' ? '/' : '';
    this.#path = `${root}?timeout=${timeoutMs / 1000}s`;
    this.#transport = httpTransport({
      ...options.endpoint,
      clock,
      requestTimeoutMs: timeoutMs,
      userAgent,
    });
  }

  async process(events: readonly AuditEvent[]): Promise<boolean> {
    try {
      await this.#deliver(`${encodeEventList(events)}\n`);
      return true;
    } catch (error) {
      this.#fault('webhook', error, events);
      return false;
    }
  }

  async close(): Promise<void> {
    this.#transport.close();
  }

  /** Upstream sends again whatever went wrong: events are not to be lost as long as there is hope. */
  async #deliver(body: string): Promise<void> {
    let delay = this.#initialBackoffMs;
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#attempt(body);
      if (failure === undefined) return;
      if (attempt === attempts) throw failure;
      await this.#clock.sleep(delay * (1 + jitter * this.#random()));
      delay *= backoffFactor;
    }
  }

  async #attempt(body: string): Promise<Error | undefined> {
    try {
      const { status } = await this.#transport.send({
        method: 'POST',
        path: this.#path,
        headers: { 'content-type': 'application/json', accept: 'application/json, */*' },
        body,
      });
      if (status >= 200 && status < 300) return undefined;
      return new Error(`the server responded with the status code ${status}`);
    } catch (error) {
      return error as Error;
    }
  }
}
