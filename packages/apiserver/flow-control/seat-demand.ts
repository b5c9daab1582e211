/** How fast the smoothed demand forgets a peak: 0.977 a period of 10 s halves it in about five minutes. */
const smoothing = 0.977;

/** Integrates how many seats a level's requests hold or wait for, and sums it up period by period. */
export class SeatDemand {
  #level = 0;
  #since: number;
  #began: number;
  #area = 0;
  #squares = 0;
  #high = 0;
  /** Of the last period, as the rest. */
  average = 0;
  deviation = 0;
  highWatermark = 0;
  /** Decays slowly from the last peak; what the level's limit is aimed at. */
  smoothed = 0;

  /** @param now monotonic milliseconds */
  constructor(now: number) {
    this.#since = now;
    this.#began = now;
  }

  set(level: number, now: number): void {
    const elapsed = now - this.#since;
    if (elapsed > 0) {
      this.#area += this.#level * elapsed;
      this.#squares += this.#level * this.#level * elapsed;
      this.#since = now;
    }
    this.#level = level;
    if (level > this.#high) this.#high = level;
  }

  /** Ends a period and begins the next; one that took no time tells of its peak alone. */
  summarize(now: number): void {
    this.set(this.#level, now);
    const elapsed = now - this.#began;
    this.highWatermark = this.#high;
    this.#high = this.#level;
    if (elapsed <= 0) return;
    this.average = this.#area / elapsed;
    this.deviation = Math.sqrt(Math.max(0, this.#squares / elapsed - this.average * this.average));
    const envelope = this.average + this.deviation;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
    this.#began = now;
    this.#area = 0;
    this.#squares = 0;
  }
}
