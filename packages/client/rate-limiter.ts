import type { Clock } from '@coxswain/machinery';

/** How many requests a client may send. */
export interface RateLimit {
  /** Requests a second in the long run. */
  readonly qps: number;
  /** Requests that may be sent at once after a rest. */
  readonly burst: number;
}

/** A token bucket: lets `burst` requests pass at once, then `qps` a second, in the order that they came. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  /** Tokens at `#at`; below zero while requests wait. */
  #tokens: number;
  #at: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#at = clock.monotonic();
  }

  /** Takes a token. Undefined: there was one. Else a promise of the time that there is; it rejects on abort. */
  take(signal?: AbortSignal): Promise<void> | undefined {
    const { qps, burst } = this.#limit;
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1_000) * qps) - 1;
    this.#at = now;
    if (this.#tokens >= 0) return undefined;
    return this.#clock.sleep((-this.#tokens / qps) * 1_000, signal);
  }
}
