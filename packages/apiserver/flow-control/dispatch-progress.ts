import type { Queue } from './queue.ts';
import { seatWork } from './seat-work.ts';
import { estimatedMs } from './seated-request.ts';

/** Where the queues stood when a request was dispatched, as metrics tell it. */
export class DispatchProgress {
  /** Progress of all queues. */
  at = 0;
  /** That of the queue that was served. */
  latest = 0;
  /** Over the queues that had somebody waiting. */
  nextMin = 0;
  nextMax = 0;
  /** The same without the work that runs. */
  discountedMin = 0;
  discountedMax = 0;
  /** Nothing was dispatched yet. */
  none = true;
  #min = 0;
  #max = 0;
  #lowest = 0;
  #highest = 0;

  /** @param first of those that are considered */
  consider({ nextDispatch, seatsInUse }: Queue, first: boolean): void {
    const discounted = nextDispatch - seatWork(seatsInUse, estimatedMs);
    this.#min = first ? nextDispatch : Math.min(this.#min, nextDispatch);
    this.#max = first ? nextDispatch : Math.max(this.#max, nextDispatch);
    this.#lowest = first ? discounted : Math.min(this.#lowest, discounted);
    this.#highest = first ? discounted : Math.max(this.#highest, discounted);
  }

  /** One of those that were considered last is served. */
  note(progress: number, latest: number): void {
    this.none = false;
    this.at = progress;
    this.latest = latest;
    this.nextMin = this.#min;
    this.nextMax = this.#max;
    this.discountedMin = this.#lowest;
    this.discountedMax = this.#highest;
  }
}
