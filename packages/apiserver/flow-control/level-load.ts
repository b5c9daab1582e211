import type { LevelConfig } from './config.ts';
import type { FairQueues } from './fair-queues.ts';
import type { FlowMetrics } from './flow-metrics.ts';
import { SeatDemand } from './seat-demand.ts';
import { TimedRatio } from './timed-ratio.ts';

/** How much the requests of a level ask for and how much of it they get, over time. */
export class LevelLoad {
  readonly demand: SeatDemand;
  readonly #demanded: TimedRatio;
  readonly #seats: TimedRatio;
  readonly #executing: TimedRatio;
  readonly #waiting: TimedRatio;

  /** @param now monotonic milliseconds */
  constructor(name: string, metrics: FlowMetrics, now: number) {
    this.demand = new SeatDemand(now);
    this.#demanded = new TimedRatio(metrics.demand.with(name), now);
    this.#seats = new TimedRatio(metrics.seatUtilization.with('executing', name), now);
    this.#executing = new TimedRatio(metrics.requestUtilization.with('executing', name), now);
    this.#waiting = new TimedRatio(metrics.requestUtilization.with('waiting', name), now);
  }

  /** Something changed of what is seated or waits. */
  note({ seatsInUse, seatsWaiting, requestsExecuting, requestsWaiting }: FairQueues, now: number): void {
    this.demand.set(seatsInUse + seatsWaiting, now);
    this.#demanded.set(seatsInUse + seatsWaiting, now);
    this.#seats.set(seatsInUse, now);
    this.#executing.set(requestsExecuting, now);
    this.#waiting.set(requestsWaiting, now);
  }

  /** @param seats what the level is measured by */
  setLimits({ queues, queueLengthLimit }: LevelConfig, seats: number, now: number): void {
    for (const ratio of [this.#demanded, this.#seats, this.#executing]) ratio.setLimit(seats, now);
    this.#waiting.setLimit(Math.max(1, queueLengthLimit) * Math.max(1, queues), now);
  }

  /** Counts the time until now. */
  settle(now: number): void {
    for (const ratio of [this.#demanded, this.#seats, this.#executing, this.#waiting]) ratio.settle(now);
  }
}
