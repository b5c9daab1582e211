import type { Timer } from '@coxswain/machinery';
import type { Queue } from './queue.ts';
import { seatWork } from './seat-work.ts';
import { maxSeats, type WorkEstimate } from './work-estimate.ts';

/** Until a request has ended it is taken to last so long, in milliseconds. */
export const estimatedMs = 3;

/** Why a request does not get a seat; upstream's names in metrics. */
export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out';

/** A request that holds seats or waits for them. */
export class SeatedRequest {
  estimate: WorkEstimate;
  /** Held from its start to its end. */
  seats: number;
  /** All it is taken to cost. */
  readonly work: number;
  /** Monotonic milliseconds. */
  readonly arrived: number;
  /** Progress of all queues when it came. */
  arrivedAt = 0;
  /** Absent where the level has none. */
  queue: Queue | undefined;
  /** When it began; -1 while it waits. */
  started = -1;
  /** Present while it waits. */
  decide: ((rejection: Rejection | undefined) => void) | undefined;
  timer: Timer | undefined;
  /** Its neighbours among those that run. */
  before: SeatedRequest | undefined;
  after: SeatedRequest | undefined;

  constructor(estimate: WorkEstimate, arrived: number) {
    this.estimate = estimate;
    this.seats = maxSeats(estimate);
    this.work =
      seatWork(estimate.initialSeats, estimatedMs) + seatWork(estimate.finalSeats, estimate.additionalMs);
    this.arrived = arrived;
  }

  /** It is the next, but there are too few seats. */
  passedOver(): void {}

  /** Nothing is held for it any more. */
  leftSeats(): void {}
}
