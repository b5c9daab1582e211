import type { Counter, Gauge, Histogram } from '@coxswain/machinery';
import type { FlowMetrics } from './flow-metrics.ts';

/** What is counted of requests that may wait. */
export interface QueueCounters {
  readonly waited: Histogram;
  readonly length: Histogram;
  readonly requests: Gauge;
  readonly seats: Gauge;
}

/** What is counted of the requests of a FlowSchema. */
export class FlowCounters {
  readonly dispatched: Counter;
  readonly execution: Histogram;
  readonly seats: Histogram;
  readonly executing: Gauge;
  readonly executingSeats: Gauge;
  /** Absent where nobody waits. */
  readonly queued: QueueCounters | undefined;
  readonly #metrics: FlowMetrics;
  readonly #labels: readonly [level: string, schema: string];
  #watchExecution: Histogram | undefined;
  #watchCounts: Histogram | undefined;

  /** @param waits whether the level has requests wait */
  constructor(metrics: FlowMetrics, level: string, schema: string, waits: boolean) {
    const labels = [level, schema] as const;
    this.#metrics = metrics;
    this.#labels = labels;
    this.dispatched = metrics.dispatched.with(...labels);
    this.execution = metrics.execution.with(...labels, 'regular');
    this.seats = metrics.seats.with(...labels);
    this.executing = metrics.executingRequests.with(...labels);
    this.executingSeats = metrics.executingSeats.with(...labels);
    if (!waits) return;
    this.queued = {
      waited: metrics.waiting.with(...labels, 'true'),
      length: metrics.queueLength.with(...labels),
      requests: metrics.inqueueRequests.with(...labels),
      seats: metrics.inqueueSeats.with(...labels),
    };
  }

  /** Of watches, which run only until they have begun. */
  get watchExecution(): Histogram {
    this.#watchExecution ??= this.#metrics.execution.with(...this.#labels, 'watch');
    return this.#watchExecution;
  }

  /** Of writes. */
  get watchCounts(): Histogram {
    this.#watchCounts ??= this.#metrics.watchCounts.with(...this.#labels);
    return this.#watchCounts;
  }
}
