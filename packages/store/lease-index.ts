import type { Clock, Timer } from '@coxswain/machinery';
import type { KeyValue } from './contract.ts';

/** Keys expire up to this much late, so that one timer serves many. */
const granularityMs = 1_000;

/** When keys expire: each key has at most one due time, that of its last write. */
export class LeaseIndex {
  readonly #clock: Clock;
  readonly #onDue: (keys: readonly string[]) => void;
  readonly #dueOf = new Map<string, number>();
  /** Due time rounded up to the granularity -> keys. */
  readonly #buckets = new Map<number, Set<string>>();
  #timer: Timer | undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  /** @param onDue called with keys whose time has come; they stay until `set` or `clear` is called for them */
  constructor(clock: Clock, onDue: (keys: readonly string[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** When the key expires in wall milliseconds; undefined: never. */
  due(key: string): number | undefined {
    return this.#dueOf.get(key);
  }

  /** Wall milliseconds at which a lease taken now expires. */
  dueIn(seconds: number): number {
    return this.#clock.now() + seconds * 1_000;
  }

  set(key: string, due: number): void {
    this.clear(key);
    this.#dueOf.set(key, due);
    const slot = bucketOf(due);
    const bucket = this.#buckets.get(slot);
    if (bucket === undefined) this.#buckets.set(slot, new Set([key]));
    else bucket.add(key);
    if (slot < this.#timerDue) this.#arm(slot);
  }

  clear(key: string): void {
    const due = this.#dueOf.get(key);
    if (due === undefined) return;
    this.#dueOf.delete(key);
    const slot = bucketOf(due);
    const bucket = this.#buckets.get(slot);
    bucket?.delete(key);
    if (bucket?.size === 0) this.#buckets.delete(slot);
  }

  /** Whether the key's lease has run out. */
  expired(key: string): boolean {
    const due = this.#dueOf.get(key);
    return due !== undefined && due <= this.#clock.now();
  }

  /** Those of the keys that are there, as their last writes say. */
  static of(keys: Iterable<KeyValue>): Map<string, number> {
    const found = new Map<string, number>();
    for (const { key, due } of keys) if (due !== undefined) found.set(key, due);
    return found;
  }

  entries(): IterableIterator<[string, number]> {
    return this.#dueOf.entries();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(slot: number): void {
    this.#timer?.cancel();
    this.#timerDue = slot;
    this.#timer = this.#clock.after(Math.max(0, slot - this.#clock.now()), () => this.#fire());
  }

  #fire(): void {
    this.#timerDue = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const keys: string[] = [];
    for (const [slot, bucket] of this.#buckets) {
      if (slot <= now) for (const key of bucket) keys.push(key);
    }
    if (keys.length > 0) this.#onDue(keys);
    // Keys that are still due (their deletion is under way, or failed) are looked at again.
    let next = Number.POSITIVE_INFINITY;
    for (const slot of this.#buckets.keys()) next = Math.min(next, slot);
    if (next !== Number.POSITIVE_INFINITY) this.#arm(Math.max(next, now + granularityMs));
  }
}

function bucketOf(due: number): number {
  return Math.ceil(due / granularityMs) * granularityMs;
}
