/** How fast the smoothed demand forgets a peak: 0.977 a period of 10 s halves it in about five minutes. */
const smoothing = 0.977;

/** Demand for seats over one period. */
export interface DemandSummary {
  readonly average: number;
  readonly deviation: number;
  readonly highWatermark: number;
}

/** Integrates how many seats a level's requests hold or wait for. */
export class SeatDemand {
  #level = 0;
  #since: number;
  #began: number;
  #area = 0;
  #squares = 0;
  #high = 0;
  /** Decays slowly from the last peak; what the level's limit is aimed at. */
  smoothed = 0;

  /** @param now monotonic milliseconds */
  constructor(now: number) {
    this.#since = now;
    this.#began = now;
  }

  get level(): number {
    return this.#level;
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

  /** Ends a period and begins the next. */
  summarize(now: number): DemandSummary {
    this.set(this.#level, now);
    const elapsed = now - this.#began;
    const average = elapsed > 0 ? this.#area / elapsed : this.#level;
    const variance = elapsed > 0 ? this.#squares / elapsed - average * average : 0;
    const summary = { average, deviation: Math.sqrt(Math.max(0, variance)), highWatermark: this.#high };
    this.#began = now;
    this.#area = 0;
    this.#squares = 0;
    this.#high = this.#level;
    const envelope = summary.average + summary.deviation;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
    return summary;
  }
}
