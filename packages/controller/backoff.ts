import type { Clock } from '@coxswain/machinery';

export interface BackoffOptions {
  readonly clock: Clock;
  readonly initialMs: number;
  readonly maxMs: number;
  /** After so long without a failure the next wait is the first again. */
  readonly resetMs: number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** Waits that double from failure to failure, each up to twice as long by chance. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.initialMs;
  }

  /** How long to wait after another failure. */
  next(): number {
    const { clock, initialMs, maxMs, resetMs, random } = this.#options;
    const now = clock.monotonic();
    if (now - this.#lastAt > resetMs) this.#nextMs = initialMs;
    this.#lastAt = now;
    const ms = this.#nextMs * (1 + random());
    this.#nextMs = Math.min(maxMs, this.#nextMs * 2);
    return ms;
  }

  /** Waits; rejects with the signal's reason when it aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return this.#options.clock.sleep(this.next(), signal);
  }
}
