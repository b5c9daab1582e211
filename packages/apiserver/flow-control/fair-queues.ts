import type { Clock } from '@coxswain/machinery';
import { DispatchProgress } from './dispatch-progress.ts';
import { ExecutingRequests } from './executing-requests.ts';
import { Queue } from './queue.ts';
import { durationOnSeats, seatWork } from './seat-work.ts';
import { estimatedMs, type Rejection, type SeatedRequest } from './seated-request.ts';
import { dealHand } from './shuffle-shard.ts';
import { maxSeats } from './work-estimate.ts';

/** `queues` of a level whose requests are counted but never wait. */
export const exempt = -1;

export interface QueueSettings {
  /** 0: requests that find no seat are refused at once. */
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** Is told after each change of what is seated or waits. */
export type LoadListener = (queues: FairQueues, now: number) => void;

/**
 * Fair queuing for the requests of one priority level, as upstream's queue sets do it: each request goes to the queue
 * of its flow's hand with the least work, and when a seat is free the queue is served that is furthest behind. Progress
 * is counted in the work of seats for each active queue.
 */
export class FairQueues {
  readonly #clock: Clock;
  readonly #changed: LoadListener;
  #settings: QueueSettings;
  #limit: number;
  readonly #queues: Queue[] = [];
  #progress = 0;
  #synced: number;
  #active = 0;
  #robin = 0;
  #enqueued = 0;
  /** Seats of the requests of queues, waiting and running. */
  #queuedSeats = 0;
  /** Those that no queue counts: levels without queues. */
  readonly #unqueued = new ExecutingRequests();
  seatsInUse = 0;
  seatsWaiting = 0;
  requestsWaiting = 0;
  requestsExecuting = 0;
  dispatched = 0;
  rejected = 0;
  cancelled = 0;
  /** As it was at the last dispatch. */
  readonly dispatch = new DispatchProgress();

  constructor(clock: Clock, settings: QueueSettings, limit: number, changed: LoadListener) {
    this.#clock = clock;
    this.#changed = changed;
    this.#synced = clock.monotonic();
    this.#settings = settings;
    this.#limit = limit;
    this.configure(settings, limit);
  }

  get limit(): number {
    return this.#limit;
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  get queues(): readonly Queue[] {
    return this.#queues;
  }

  get unqueued(): Iterable<SeatedRequest> {
    return this.#unqueued;
  }

  /** Progress as of the last change. */
  get progress(): number {
    return this.#progress;
  }

  get idle(): boolean {
    return this.requestsExecuting === 0 && this.requestsWaiting === 0;
  }

  /** Changes the settings of running queues; those that are too many are no longer dealt and drain. */
  configure(settings: QueueSettings, limit: number): void {
    this.#sync(this.#clock.monotonic());
    this.#settings = settings;
    this.#limit = limit;
    for (let i = this.#queues.length; i < settings.queues; i++) this.#queues.push(new Queue(i));
    this.#dispatchAll();
  }

  setLimit(limit: number): void {
    this.configure(this.#settings, limit);
  }

  /** The hand of a flow, to be kept while the settings are the same. */
  handOf(hash: bigint): readonly number[] {
    const { queues, handSize } = this.#settings;
    return queues <= 0 ? [] : dealHand(hash, queues, handSize);
  }

  /**
   * Takes a request in that has just come. It has its seats at once (`started` is set), waits (`decide` is to be set by
   * the caller before anything else happens), or is refused: then, says why.
   * @param waitLimitMs how long it may wait
   */
  start(request: SeatedRequest, hand: readonly number[], waitLimitMs: number): Rejection | undefined {
    const { arrived: now } = request;
    this.#sync(now);
    request.arrivedAt = this.#progress;
    if (this.#settings.queues <= 0) {
      if (!this.#hasRoom(request.seats)) {
        this.rejected++;
        return 'concurrency-limit';
      }
      this.#begin(request, now);
      this.#changed(this, now);
      return undefined;
    }
    const queue = this.#choose(hand);
    if (this.seatsInUse >= this.#limit && queue.waiting.length >= this.#settings.queueLengthLimit) {
      queue.bound();
      this.rejected++;
      return 'queue-full';
    }
    request.queue = queue;
    if (!queue.active) {
      this.#active++;
      queue.nextDispatch = this.#progress;
    }
    this.#queuedSeats += request.seats;
    if (this.requestsWaiting === 0 && this.seatsInUse < this.#limit && this.#hasRoom(request.seats)) {
      if (queue.nextDispatch < this.#progress) queue.nextDispatch = this.#progress;
      this.dispatch.consider(queue, true);
      this.#serve(queue, request, now);
      this.#changed(this, now);
      return undefined;
    }
    queue.join(request);
    queue.bound();
    this.requestsWaiting++;
    this.seatsWaiting += request.seats;
    request.timer = this.#clock.after(waitLimitMs, () => this.cancel(request));
    // Whoever waits may be one that another queue's wide request holds up.
    this.#dispatchAll();
    this.#changed(this, now);
    return undefined;
  }

  /** Gives up a waiting request: its client left, or its time is over. */
  cancel(request: SeatedRequest): void {
    const { queue } = request;
    if (queue === undefined || request.started >= 0 || !queue.waiting.includes(request)) return;
    const now = this.#clock.monotonic();
    this.#sync(now);
    this.#leave(queue, request);
    this.#queuedSeats -= request.seats;
    queue.bound();
    if (!queue.active) this.#active--;
    this.rejected++;
    this.cancelled++;
    request.decide?.('time-out');
    this.#dispatchAll();
    this.#changed(this, now);
  }

  /** A request was served; its seats go to those who wait, at once or when what it has set off is over. */
  finish(request: SeatedRequest, now: number): void {
    this.#sync(now);
    const { queue, estimate } = request;
    this.requestsExecuting--;
    if (queue === undefined) this.#unqueued.remove(request);
    else {
      queue.executing.remove(request);
      // What it took takes the place of what it was thought to take.
      queue.nextDispatch += seatWork(estimate.initialSeats, now - request.started - estimatedMs);
      queue.bound();
      if (!queue.active) this.#active--;
    }
    if (estimate.additionalMs > 0) {
      this.#clock.after(estimate.additionalMs, () => {
        const then = this.#clock.monotonic();
        this.#sync(then);
        this.#giveBack(request, then);
      });
      // One that wants all there is may run, for nothing else does.
      this.#dispatchAll();
      this.#changed(this, now);
    } else this.#giveBack(request, now);
  }

  #giveBack(request: SeatedRequest, now: number): void {
    const { queue, seats } = request;
    this.seatsInUse -= seats;
    if (queue !== undefined) {
      queue.seatsInUse -= seats;
      this.#queuedSeats -= seats;
      if (this.#queues.length > this.#settings.queues) this.#removeIfEmpty(queue);
    }
    request.leftSeats();
    this.#dispatchAll();
    this.#changed(this, now);
  }

  #sync(now: number): void {
    const elapsed = now - this.#synced;
    this.#synced = now;
    if (elapsed <= 0 || this.#active === 0) return;
    const seats = Math.min(this.#queuedSeats, this.#limit);
    this.#progress += seatWork(seats / this.#active, elapsed);
  }

  #hasRoom(seats: number): boolean {
    if (this.#settings.queues === exempt) return true;
    // One that wants more than there is gets all of it, alone.
    if (seats > this.#limit) return this.requestsExecuting === 0;
    return this.seatsInUse + seats <= this.#limit;
  }

  /** Each request begins with another card, so that flows whose hands overlap do not all prefer the same. */
  #choose(hand: readonly number[]): Queue {
    const size = hand.length;
    const first = this.#enqueued++ % size;
    let best = this.#queues[hand[first] as number] as Queue;
    for (let i = 1; i < size && best.workWaiting > 0; i++) {
      const queue = this.#queues[hand[(first + i) % size] as number] as Queue;
      if (queue.workWaiting < best.workWaiting) best = queue;
    }
    return best;
  }

  #begin(request: SeatedRequest, now: number): void {
    request.started = now;
    this.dispatched++;
    this.requestsExecuting++;
    this.seatsInUse += request.seats;
    const { queue } = request;
    if (queue === undefined) {
      this.#unqueued.add(request);
      return;
    }
    queue.executing.add(request);
    queue.seatsInUse += request.seats;
  }

  #serve(queue: Queue, request: SeatedRequest, now: number): void {
    this.#narrow(request);
    this.#robin = queue.index;
    this.dispatch.note(this.#progress, queue.nextDispatch);
    this.#begin(request, now);
    queue.nextDispatch += request.work;
    queue.bound();
  }

  #dispatchAll(): void {
    const now = this.#synced;
    while (this.requestsWaiting > 0 && this.seatsInUse < this.#limit) {
      const queue = this.#nextQueue();
      const request = queue?.waiting[0];
      if (queue === undefined || request === undefined) return;
      if (!this.#hasRoom(request.seats)) {
        request.passedOver();
        return;
      }
      this.#leave(queue, request);
      this.#serve(queue, request, now);
      request.decide?.(undefined);
    }
  }

  /** What a request sets off is done on no more seats than there are, for longer. */
  #narrow(request: SeatedRequest): void {
    const { initialSeats, finalSeats, additionalMs } = request.estimate;
    if (finalSeats <= this.#limit) return;
    const work = seatWork(finalSeats, additionalMs);
    request.estimate = {
      initialSeats,
      finalSeats: this.#limit,
      additionalMs: durationOnSeats(work, this.#limit),
    };
    this.#queuedSeats -= request.seats;
    request.seats = maxSeats(request.estimate);
    this.#queuedSeats += request.seats;
  }

  /** The queue whose next request would be due first; of equal ones the next after the last that was served. */
  #nextQueue(): Queue | undefined {
    let best: Queue | undefined;
    let bestDue = Infinity;
    const count = this.#queues.length;
    for (let i = 1; i <= count; i++) {
      const queue = this.#queues[(this.#robin + i) % count] as Queue;
      const [head] = queue.waiting;
      if (head === undefined) continue;
      this.dispatch.consider(queue, best === undefined);
      const due = queue.nextDispatch + head.work;
      if (due < bestDue) {
        bestDue = due;
        best = queue;
      }
    }
    return best;
  }

  #leave(queue: Queue, request: SeatedRequest): void {
    queue.leave(request);
    this.requestsWaiting--;
    this.seatsWaiting -= request.seats;
    request.timer?.cancel();
    request.timer = undefined;
  }

  #removeIfEmpty(queue: Queue): void {
    const { index } = queue;
    // Of several whose seats come back late, the first has removed it.
    if (queue.active || this.#queues[index] !== queue) return;
    this.#queues.splice(index, 1);
    for (let i = index; i < this.#queues.length; i++) (this.#queues[i] as Queue).index--;
    if (this.#robin >= index) this.#robin--;
  }
}
