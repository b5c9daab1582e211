import { ExecutingRequests } from './executing-requests.ts';
import type { SeatedRequest } from './seated-request.ts';

/** Requests of the flows that were dealt this queue, in the order in which they came. */
export class Queue {
  /** Its place among the queues of its level. */
  index: number;
  waiting: SeatedRequest[] = [];
  readonly executing = new ExecutingRequests();
  seatsInUse = 0;
  initialSeatsWaiting = 0;
  seatsWaiting = 0;
  workWaiting = 0;
  /** The progress at which its next request would be due. */
  nextDispatch = 0;

  constructor(index: number) {
    this.index = index;
  }

  get active(): boolean {
    return this.waiting.length > 0 || this.executing.size > 0;
  }

  join(request: SeatedRequest): void {
    this.waiting.push(request);
    this.#count(request, 1);
  }

  leave(request: SeatedRequest): void {
    this.waiting.splice(this.waiting.indexOf(request), 1);
    this.#count(request, -1);
  }

  /** No queue builds up a claim from before its oldest request came. */
  bound(): void {
    const [oldest] = this.waiting;
    if (oldest !== undefined && this.nextDispatch < oldest.arrivedAt) this.nextDispatch = oldest.arrivedAt;
  }

  #count({ estimate, seats, work }: SeatedRequest, sign: 1 | -1): void {
    this.initialSeatsWaiting += sign * estimate.initialSeats;
    this.seatsWaiting += sign * seats;
    this.workWaiting += sign * work;
  }
}
