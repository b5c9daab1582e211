import type { Clock } from '@coxswain/machinery';

/** Something that must be over in time. Belongs to one list at most. */
export abstract class Deadlined {
  /** Monotonic milliseconds. */
  due = 0;
  list: DeadlineList | undefined;
  previous: Deadlined | undefined;
  next: Deadlined | undefined;

  /** The time is over; it is in no list any more. */
  abstract expire(): void;
}

/**
 * Deadlines that all lie equally far ahead, so that they fall due in the order in which they were set. Setting one and
 * meeting it moves pointers only; there is one timer for all.
 */
export class DeadlineList {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #first: Deadlined | undefined;
  #last: Deadlined | undefined;
  #armed = false;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** @param now monotonic milliseconds */
  add(item: Deadlined, now: number): void {
    item.list?.remove(item);
    item.list = this;
    item.due = now + this.#timeoutMs;
    item.previous = this.#last;
    item.next = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    if (!this.#armed) this.#arm(this.#timeoutMs);
  }

  remove(item: Deadlined): void {
    if (item.list !== this) return;
    const { previous, next } = item;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.list = undefined;
    item.previous = undefined;
    item.next = undefined;
  }

  #arm(ms: number): void {
    this.#armed = true;
    this.#clock.after(ms, () => this.#fire());
  }

  #fire(): void {
    this.#armed = false;
    const now = this.#clock.monotonic();
    for (let item = this.#first; item !== undefined && item.due <= now; item = this.#first) {
      this.remove(item);
      item.expire();
    }
    if (this.#first !== undefined && !this.#armed) this.#arm(this.#first.due - now);
  }
}
