import type { Clock } from '@coxswain/machinery';

interface Entry {
  readonly delayMs: number;
  readonly since: number;
}

/** Waits between repeated acts on a key, doubling from act to act. Source: flowcontrol.Backoff. */
export class KeyedBackoff {
  readonly #clock: Clock;
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, initialMs: number, maxMs: number) {
    this.#clock = clock;
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  /** 0: act now, and the next act waits longer; else the milliseconds that are left to wait. */
  take(key: string): number {
    const now = this.#clock.now();
    this.#forgetOld(now);
    const held = this.#entries.get(key);
    const left = held === undefined ? 0 : held.since + held.delayMs - now;
    if (left > 0) return left;
    const delayMs = held === undefined ? this.#initialMs : Math.min(held.delayMs * 2, this.#maxMs);
    this.#entries.set(key, { delayMs, since: now });
    return 0;
  }

  /** Keys without an act for twice the longest wait start afresh. */
  #forgetOld(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (now - entry.since > 2 * this.#maxMs) this.#entries.delete(key);
    }
  }
}
