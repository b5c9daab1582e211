import type { Clock } from '@coxswain/machinery';
import type { SeatLimits } from './concurrency.ts';
import type { LevelConfig } from './config.ts';
import { FairQueues, type QueueSettings } from './fair-queues.ts';
import { SeatDemand } from './seat-demand.ts';

/** A priority level at work: its queues and how much its requests ask for. */
export class PriorityLevel {
  config: LevelConfig;
  limits: SeatLimits;
  readonly queues: FairQueues;
  readonly demand: SeatDemand;
  /** The configuration is gone; what is under way ends. */
  quiescing = false;
  /** Requests of an exempt level, which have no queues. */
  exemptExecuting = 0;
  exemptDispatched = 0;

  constructor(clock: Clock, config: LevelConfig, limits: SeatLimits, waitLimitMs: number) {
    this.config = config;
    this.limits = limits;
    this.queues = new FairQueues(clock, settingsOf(config, waitLimitMs), limits.nominal);
    this.demand = new SeatDemand(clock.monotonic());
  }

  /** Takes a changed configuration; the seats it has borrowed or lent are settled at the next adjustment. */
  configure(config: LevelConfig, limits: SeatLimits, waitLimitMs: number): void {
    const moved = limits.nominal !== this.limits.nominal;
    this.config = config;
    this.limits = limits;
    this.quiescing = false;
    this.queues.configure(settingsOf(config, waitLimitMs), moved ? limits.nominal : this.queues.limit);
  }

  get idle(): boolean {
    return this.queues.idle && this.exemptExecuting === 0;
  }

  /** Widest list of the level: 15 % of its seats, never more than a queue's fair part of them. */
  get widest(): number {
    const { nominal } = this.limits;
    const { queues, handSize } = this.config;
    if (queues === 0) return 0;
    return Math.max(1, Math.min(Math.ceil(nominal * 0.15), Math.floor(nominal / handSize)));
  }

  /** Tells the demand after a change of what is seated or waits. */
  note(now: number): void {
    const { seatsInUse, seatsWaiting } = this.queues;
    this.demand.set(this.config.exempt ? this.exemptExecuting : seatsInUse + seatsWaiting, now);
  }
}

function settingsOf(config: LevelConfig, waitLimitMs: number): QueueSettings {
  const { queues, handSize, queueLengthLimit } = config;
  return { queues, handSize, queueLengthLimit, waitLimitMs };
}
