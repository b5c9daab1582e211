import type { Histogram } from '@coxswain/machinery';

const nanosPerMs = 1e6;

/** A count as a part of its limit, in a histogram that weighs each value by the nanoseconds it lasted. */
export class TimedRatio {
  readonly #histogram: Histogram;
  /** Milliseconds that each count has lasted since they were told the last time. */
  readonly #lasted: number[] = [];
  #count = 0;
  #limit = 1;
  #since: number;

  /** @param now monotonic milliseconds */
  constructor(histogram: Histogram, now: number) {
    this.#histogram = histogram;
    this.#since = now;
  }

  set(count: number, now: number): void {
    if (count === this.#count) return;
    this.#addTime(now);
    this.#count = count;
  }

  setLimit(limit: number, now: number): void {
    this.settle(now);
    this.#limit = limit;
  }

  /** Tells the time until now. */
  settle(now: number): void {
    this.#addTime(now);
    const lasted = this.#lasted;
    for (let count = 0; count < lasted.length; count++) {
      const nanos = Math.round((lasted[count] as number) * nanosPerMs);
      if (nanos <= 0) continue;
      this.#histogram.observe(count / this.#limit, nanos);
      lasted[count] = 0;
    }
  }

  #addTime(now: number): void {
    const lasted = this.#lasted;
    while (lasted.length <= this.#count) lasted.push(0);
    if (now <= this.#since) return;
    (lasted[this.#count] as number) += now - this.#since;
    this.#since = now;
  }
}
