import type { Clock } from '@coxswain/machinery';

interface Entry {
  backoffMs: number;
  updated: number;
}

/**
 * Exponential back-off by key, as client-go's flowcontrol.Backoff: forgets a key whose last event is more
 * than twice the maximum after its last step.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, initialMs: number, maxMs: number) {
    this.#clock = clock;
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  /** The current delay in ms; 0 where there was no failure yet. */
  get(key: string): number {
    return this.#entries.get(key)?.backoffMs ?? 0;
  }

  /** Doubles the delay for a failure at `eventTime` (ms since 1970). */
  next(key: string, eventTime: number): void {
    const entry = this.#entries.get(key);
    const fresh = entry === undefined || this.#expired(entry, eventTime);
    const backoffMs = fresh ? this.#initialMs : Math.min(entry.backoffMs * 2, this.#maxMs);
    this.#entries.set(key, { backoffMs, updated: this.#clock.now() });
  }

  /** How many ms after now the delay that began at `eventTime` ends; 0 when it has. */
  remainingSince(key: string, eventTime: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#expired(entry, eventTime)) return 0;
    return Math.max(0, eventTime + entry.backoffMs - this.#clock.now());
  }

  /** The same, counted from the last step of the delay itself. */
  remainingSinceUpdate(key: string): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#expired(entry, this.#clock.now())) return 0;
    return Math.max(0, entry.updated + entry.backoffMs - this.#clock.now());
  }

  reset(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets keys that have expired. */
  gc(): void {
    const now = this.#clock.now();
    for (const [key, entry] of this.#entries) if (this.#expired(entry, now)) this.#entries.delete(key);
  }

  #expired(entry: Entry, eventTime: number): boolean {
    return eventTime - entry.updated > this.#maxMs * 2;
  }
}
