import type { Clock } from '@coxswain/machinery';
import type { Listener } from './http/listener/server.ts';
import type { Health } from './http/non-resource/health.ts';
import type { OpenStreams } from './http/open-streams.ts';
import type { ServingOptions } from './http/serving-options.ts';

/** So long requests may go on after a shutdown began. */
const defaultGraceMs = 10_000;

/** Ends a server in order: what works by itself, then requests, then what they are served from. */
export class Shutdown {
  readonly #clock: Clock;
  readonly #serving: ServingOptions;
  readonly #graceMs: number;
  readonly #before: (() => void)[] = [];
  readonly #after: (() => void | Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  constructor(health: Health, clock: Clock, serving: ServingOptions, graceMs = defaultGraceMs) {
    this.#clock = clock;
    this.#serving = serving;
    this.#graceMs = graceMs;
    const check = (): string | undefined =>
      this.#running === undefined ? undefined : 'process is shutting down';
    health.addReadiness({ name: 'shutdown', check });
  }

  /** Adds what ends before the last requests do. */
  before(...ends: readonly (() => void)[]): void {
    this.#before.push(...ends);
  }

  /** Adds what ends after the last request. */
  after(...ends: readonly (() => void | Promise<void>)[]): void {
    this.#after.push(...ends);
  }

  /** Runs it once; resolves when all has ended. */
  run(streams: OpenStreams, listener: Listener | undefined): Promise<void> {
    this.#running ??= this.#run(streams, listener);
    return this.#running;
  }

  async #run(streams: OpenStreams, listener: Listener | undefined): Promise<void> {
    const { shutdownDelayMs, watchTerminationGraceMs, shutdownSendRetryAfter } = this.#serving;
    const wait = (ms: number): Promise<void> => this.#clock.sleep(ms);
    if (shutdownDelayMs > 0) await wait(shutdownDelayMs);
    for (const end of this.#before) end();
    if (watchTerminationGraceMs > 0) await streams.drain(watchTerminationGraceMs, wait);
    streams.close();
    await listener?.close(this.#graceMs, wait, shutdownSendRetryAfter);
    for (const end of this.#after) await end();
  }
}
