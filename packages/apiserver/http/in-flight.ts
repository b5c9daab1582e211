import type { MetricsRegistry } from '@coxswain/machinery';

/** The most of something there was within the last second, as upstream reports it. */
class Watermark {
  count = 0;
  #high = 0;
  #last = 0;
  #second = 0;

  change(by: number, now: number): void {
    this.#turn(now);
    this.count += by;
    if (this.count > this.#high) this.#high = this.count;
  }

  value(now: number): number {
    this.#turn(now);
    return Math.max(this.#last, this.#high);
  }

  #turn(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === this.#second) return;
    this.#last = second === this.#second + 1 ? this.#high : this.count;
    this.#high = this.count;
    this.#second = second;
  }
}

/** Counts the requests that run and those that wait, reads and writes apart. */
export class InFlight {
  readonly #running = { readOnly: new Watermark(), mutating: new Watermark() };
  readonly #waiting = { readOnly: new Watermark(), mutating: new Watermark() };

  constructor(metrics: MetricsRegistry, now: () => number) {
    const inflight = metrics.gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'The most requests that ran at once within the last second.',
      labels: ['request_kind'],
      stability: 'STABLE',
    });
    const inqueue = metrics.gauge({
      name: 'apiserver_current_inqueue_requests',
      help: 'The most requests that waited at once within the last second.',
      labels: ['request_kind'],
    });
    metrics.beforeWrite(() => {
      const time = now();
      for (const kind of ['readOnly', 'mutating'] as const) {
        inflight.with(kind).set(this.#running[kind].value(time));
        inqueue.with(kind).set(this.#waiting[kind].value(time));
      }
    });
  }

  /** @param now monotonic milliseconds */
  running(readOnly: boolean, by: number, now: number): void {
    (readOnly ? this.#running.readOnly : this.#running.mutating).change(by, now);
  }

  waiting(readOnly: boolean, by: number, now: number): void {
    (readOnly ? this.#waiting.readOnly : this.#waiting.mutating).change(by, now);
  }
}
