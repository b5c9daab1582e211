import type { Clock } from '@coxswain/machinery';
import type { SeatLimits } from './concurrency.ts';
import type { LevelConfig } from './config.ts';
import { exempt, FairQueues, type QueueSettings } from './fair-queues.ts';
import type { FlowMetrics } from './flow-metrics.ts';
import { LevelLoad } from './level-load.ts';

/** No request takes more than this part of its level's seats. */
const widestPart = 0.15;

/** A priority level at work: its queues and how much its requests ask for. */
export class PriorityLevel {
  config: LevelConfig;
  limits: SeatLimits;
  readonly queues: FairQueues;
  readonly load: LevelLoad;
  /** The configuration is gone; what is under way ends. */
  quiescing = false;

  constructor(clock: Clock, config: LevelConfig, limits: SeatLimits, metrics: FlowMetrics) {
    this.config = config;
    this.limits = limits;
    const load = new LevelLoad(config.name, metrics, clock.monotonic());
    this.load = load;
    const changed = (queues: FairQueues, now: number): void => load.note(queues, now);
    this.queues = new FairQueues(clock, settingsOf(config), limits.nominal, changed);
  }

  /** Takes a changed configuration; its seats are settled by the adjustment that follows. */
  configure(config: LevelConfig, limits: SeatLimits): void {
    this.config = config;
    this.limits = limits;
    this.queues.configure(settingsOf(config), this.queues.limit);
  }

  get idle(): boolean {
    return this.queues.idle;
  }

  /** The most seats a request of the level takes, never more than a queue's fair part of them; 0: nothing is said. */
  get widest(): number {
    const { nominal } = this.limits;
    const { queues, handSize } = this.config;
    if (queues === 0) return 0;
    return Math.max(1, Math.min(Math.ceil(nominal * widestPart), Math.floor(nominal / handSize)));
  }
}

function settingsOf({ exempt: unlimited, queues, handSize, queueLengthLimit }: LevelConfig): QueueSettings {
  return { queues: unlimited ? exempt : queues, handSize, queueLengthLimit };
}
