import type { Histogram } from '@coxswain/machinery';

const nanosPerMs = 1e6;

/** A level as a part of its limit, in a histogram that weighs each value by the nanoseconds it lasted. */
export class TimedRatio {
  readonly #histogram: Histogram;
  #numerator = 0;
  #denominator = 1;
  #ratio = 0;
  #since: number;

  /** @param now monotonic milliseconds */
  constructor(histogram: Histogram, now: number) {
    this.#histogram = histogram;
    this.#since = now;
  }

  set(numerator: number, now: number): void {
    if (numerator === this.#numerator) return;
    this.settle(now);
    this.#numerator = numerator;
    this.#ratio = numerator / this.#denominator;
  }

  setLimit(denominator: number, now: number): void {
    this.settle(now);
    this.#denominator = denominator;
    this.#ratio = this.#numerator / denominator;
  }

  /** Counts the time until now. */
  settle(now: number): void {
    const nanos = Math.round((now - this.#since) * nanosPerMs);
    if (nanos <= 0) return;
    this.#histogram.observe(this.#ratio, nanos);
    this.#since = now;
  }
}
