import type { Clock } from '@coxswain/machinery';

interface Kept<V> {
  readonly value: V;
  /** By the monotonic clock. */
  readonly until: number;
}

/** Answers by question, each for its own time; the least recently used one goes when there are too many. */
export class ExpiringCache<V> {
  readonly #kept = new Map<string, Kept<V>>();
  readonly #limit: number;
  readonly #clock: Clock;

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  get(key: string): V | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    if (found.until <= this.#clock.monotonic()) return undefined;
    this.#kept.set(key, found);
    return found.value;
  }

  /** @param ms how long the value holds; 0: it is not kept */
  set(key: string, value: V, ms: number): void {
    if (ms <= 0) return;
    this.#kept.delete(key);
    if (this.#kept.size >= this.#limit) this.#kept.delete(this.#kept.keys().next().value as string);
    this.#kept.set(key, { value, until: this.#clock.monotonic() + ms });
  }

  clear(): void {
    this.#kept.clear();
  }
}
