import type { MetricsRegistry } from '@coxswain/machinery';
import { TimedRatio } from '../flow-control/timed-ratio.ts';

/** The most of something there was within the last second, as upstream reports it. */
class Watermark {
  count = 0;
  #high = 0;
  #last = 0;
  #second = 0;
  /** Its part of what there may be; absent where there is no limit. */
  part: TimedRatio | undefined;

  change(by: number, now: number): void {
    this.#turn(now);
    this.count += by;
    if (this.count > this.#high) this.#high = this.count;
    this.part?.set(this.count, now);
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

type Kind = 'readOnly' | 'mutating';
const kinds: readonly Kind[] = ['readOnly', 'mutating'];
const parts = [0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** Counts the requests that run and those that wait, reads and writes apart. */
export class InFlight {
  readonly #running = { readOnly: new Watermark(), mutating: new Watermark() };
  readonly #waiting = { readOnly: new Watermark(), mutating: new Watermark() };
  readonly #now: () => number;

  constructor(metrics: MetricsRegistry, now: () => number) {
    this.#now = now;
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
      for (const kind of kinds) {
        inflight.with(kind).set(this.#running[kind].value(time));
        inqueue.with(kind).set(this.#waiting[kind].value(time));
      }
    });
  }

  /**
   * Tells the requests also as parts of what there may be; gives what takes the limits.
   * @returns to be told how many may run at once and how many may wait
   */
  measureBy(metrics: MetricsRegistry): (executing: number, waiting: number) => void {
    const family = metrics.histogram({
      name: 'apiserver_flowcontrol_read_vs_write_current_requests',
      help: 'Requests as a part of what the server takes, weighed by their time.',
      labels: ['phase', 'request_kind'],
      buckets: parts,
      stability: 'UNSAID',
    });
    const now = this.#now();
    const measure = (phase: string, marks: Record<Kind, Watermark>): TimedRatio[] =>
      kinds.map((kind) => {
        marks[kind].part = new TimedRatio(family.with(phase, kind), now);
        return marks[kind].part;
      });
    const executing = measure('executing', this.#running);
    const waiting = measure('waiting', this.#waiting);
    metrics.beforeWrite(() => {
      for (const part of [...executing, ...waiting]) part.settle(this.#now());
    });
    return (mayExecute, mayWait) => {
      for (const part of executing) part.setLimit(Math.max(1, mayExecute), this.#now());
      for (const part of waiting) part.setLimit(Math.max(1, mayWait), this.#now());
    };
  }

  /** @param now monotonic milliseconds */
  running(readOnly: boolean, by: number, now: number): void {
    (readOnly ? this.#running.readOnly : this.#running.mutating).change(by, now);
  }

  waiting(readOnly: boolean, by: number, now: number): void {
    (readOnly ? this.#waiting.readOnly : this.#waiting.mutating).change(by, now);
  }
}
