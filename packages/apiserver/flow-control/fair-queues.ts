import type { Clock, Timer } from '@coxswain/machinery';
import { dealHand } from './shuffle-shard.ts';

/** Why a request does not get a seat; upstream's names in metrics. */
export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** Until a request has ended it is taken to last so long, in milliseconds. */
const estimatedMs = 3;

export interface QueueSettings {
  /** 0: requests that find no seat are refused at once. */
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
  readonly waitLimitMs: number;
}

/** A request that holds seats or waits for them. */
export class SeatedRequest {
  readonly seats: number;
  /** Monotonic milliseconds. */
  readonly arrived: number;
  /** Progress of all queues when it came. */
  arrivedAt = 0;
  queue: Queue | undefined;
  /** When it began; -1 while it waits. */
  started = -1;
  /** Present while it waits. */
  decide: ((rejection: Rejection | undefined) => void) | undefined;
  timer: Timer | undefined;

  constructor(seats: number, arrived: number) {
    this.seats = seats;
    this.arrived = arrived;
  }
}

class Queue {
  readonly index: number;
  waiting: SeatedRequest[] = [];
  readonly executing = new Set<SeatedRequest>();
  seatsInUse = 0;
  seatsWaiting = 0;
  /** The progress at which its next request would be due. */
  nextDispatch = 0;

  constructor(index: number) {
    this.index = index;
  }

  get active(): boolean {
    return this.waiting.length > 0 || this.executing.size > 0;
  }
}

/**
 * Fair queuing for the requests of one priority level, as upstream's queue sets do it: each request goes to the least
 * loaded queue of its flow's hand, and when a seat is free the queue is served that is furthest behind. Progress is
 * counted in milliseconds of seats for each active queue.
 */
export class FairQueues {
  readonly #clock: Clock;
  #settings: QueueSettings;
  #limit: number;
  #queues: Queue[] = [];
  #progress = 0;
  #synced: number;
  #active = 0;
  #robin = 0;
  /** Those that no queue counts: levels without queues. */
  readonly #unqueued = new Set<SeatedRequest>();
  seatsInUse = 0;
  seatsWaiting = 0;
  requestsWaiting = 0;
  requestsExecuting = 0;
  dispatched = 0;
  rejected = 0;
  timedOut = 0;
  cancelled = 0;

  constructor(clock: Clock, settings: QueueSettings, limit: number) {
    this.#clock = clock;
    this.#synced = clock.monotonic();
    this.#settings = settings;
    this.#limit = limit;
    this.configure(settings, limit);
  }

  get limit(): number {
    return this.#limit;
  }

  get queues(): readonly Queue[] {
    return this.#queues;
  }

  get unqueued(): ReadonlySet<SeatedRequest> {
    return this.#unqueued;
  }

  get activeQueues(): number {
    return this.#active;
  }

  get idle(): boolean {
    return this.requestsExecuting === 0 && this.requestsWaiting === 0;
  }

  /** Changes the settings of running queues; those that are too many are no longer dealt and drain. */
  configure(settings: QueueSettings, limit: number): void {
    this.#settings = settings;
    this.#limit = limit;
    for (let i = this.#queues.length; i < settings.queues; i++) this.#queues.push(new Queue(i));
    while (this.#queues.length > settings.queues && !(this.#queues.at(-1) as Queue).active)
      this.#queues.pop();
    this.#dispatchAll();
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#dispatchAll();
  }

  /** The hand of a flow, to be kept while the settings are the same. */
  handOf(hash: bigint): readonly number[] {
    const { queues, handSize } = this.#settings;
    return queues === 0 ? [] : dealHand(hash, queues, handSize);
  }

  /**
   * Takes a request in that has just come. It has its seats at once (`started` is set), waits (`decide` is to be set by
   * the caller before anything else happens), or is refused: then, says why.
   */
  start(request: SeatedRequest, hand: readonly number[]): Rejection | undefined {
    const { seats, arrived: now } = request;
    this.#sync(now);
    request.arrivedAt = this.#progress;
    if (this.#settings.queues === 0) {
      if (!this.#hasRoom(seats)) {
        this.rejected++;
        return 'concurrency-limit';
      }
      this.#begin(request, now);
      return undefined;
    }
    const queue = this.#leastLoaded(hand);
    if (queue.waiting.length >= this.#settings.queueLengthLimit && this.seatsInUse >= this.#limit) {
      this.rejected++;
      return 'queue-full';
    }
    request.queue = queue;
    if (!queue.active) {
      this.#active++;
      queue.nextDispatch = this.#progress;
    }
    if (this.requestsWaiting === 0 && this.#hasRoom(seats)) {
      this.#begin(request, now);
      return undefined;
    }
    queue.waiting.push(request);
    queue.seatsWaiting += seats;
    this.requestsWaiting++;
    this.seatsWaiting += seats;
    request.timer = this.#clock.after(this.#settings.waitLimitMs, () => this.#giveUp(request, 'time-out'));
    // Whoever waits may be one that another queue's wide request holds up.
    this.#dispatchAll();
    return undefined;
  }

  /** The client of a waiting request left. */
  cancel(request: SeatedRequest): void {
    this.#giveUp(request, 'cancelled');
  }

  /** Gives a request's seats back, to those who wait. */
  finish(request: SeatedRequest, now: number): void {
    this.#sync(now);
    const { queue, seats } = request;
    this.requestsExecuting--;
    this.seatsInUse -= seats;
    if (queue === undefined) this.#unqueued.delete(request);
    else {
      queue.executing.delete(request);
      queue.seatsInUse -= seats;
      // What it took takes the place of what it was thought to take.
      queue.nextDispatch += (now - request.started - estimatedMs) * seats;
      this.#bound(queue);
      if (!queue.active) {
        this.#active--;
        this.#trim();
      }
    }
    if (this.requestsWaiting > 0) this.#dispatchAll();
  }

  #sync(now: number): void {
    const elapsed = now - this.#synced;
    this.#synced = now;
    if (elapsed <= 0 || this.#active === 0) return;
    const seats = Math.min(this.seatsInUse + this.seatsWaiting, this.#limit);
    this.#progress += (elapsed * seats) / this.#active;
  }

  #hasRoom(seats: number): boolean {
    // One that wants more than there is gets all of it, alone.
    if (seats > this.#limit) return this.seatsInUse === 0;
    return this.seatsInUse + seats <= this.#limit;
  }

  #leastLoaded(hand: readonly number[]): Queue {
    let best = this.#queues[hand[0] as number] as Queue;
    let least = best.seatsInUse + best.seatsWaiting;
    for (let i = 1; i < hand.length && least > 0; i++) {
      const queue = this.#queues[hand[i] as number] as Queue;
      const load = queue.seatsInUse + queue.seatsWaiting;
      if (load >= least) continue;
      best = queue;
      least = load;
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
    queue.nextDispatch += estimatedMs * request.seats;
  }

  #dispatchAll(): void {
    if (this.requestsWaiting === 0) return;
    const now = this.#clock.monotonic();
    this.#sync(now);
    while (this.requestsWaiting > 0 && this.seatsInUse < this.#limit) {
      const queue = this.#nextQueue();
      const request = queue?.waiting[0];
      if (queue === undefined || request === undefined || !this.#hasRoom(request.seats)) return;
      this.#robin = queue.index;
      this.#leave(queue, request);
      this.#begin(request, now);
      this.#bound(queue);
      request.decide?.(undefined);
    }
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
      const due = queue.nextDispatch + estimatedMs * head.seats;
      if (due < bestDue) {
        bestDue = due;
        best = queue;
      }
    }
    return best;
  }

  #leave(queue: Queue, request: SeatedRequest): void {
    const at = queue.waiting.indexOf(request);
    queue.waiting.splice(at, 1);
    queue.seatsWaiting -= request.seats;
    this.requestsWaiting--;
    this.seatsWaiting -= request.seats;
    request.timer?.cancel();
    request.timer = undefined;
  }

  /** No queue builds up a claim from before its oldest request came. */
  #bound(queue: Queue): void {
    const [oldest] = queue.waiting;
    if (oldest !== undefined && queue.nextDispatch < oldest.arrivedAt) queue.nextDispatch = oldest.arrivedAt;
  }

  #giveUp(request: SeatedRequest, rejection: Rejection): void {
    const { queue } = request;
    if (queue === undefined || request.started >= 0 || !queue.waiting.includes(request)) return;
    this.#sync(this.#clock.monotonic());
    this.#leave(queue, request);
    this.#bound(queue);
    if (!queue.active) {
      this.#active--;
      this.#trim();
    }
    this.rejected++;
    if (rejection === 'time-out') this.timedOut++;
    if (rejection === 'cancelled') this.cancelled++;
    request.decide?.(rejection);
    this.#dispatchAll();
  }

  #trim(): void {
    while (this.#queues.length > this.#settings.queues && !(this.#queues.at(-1) as Queue).active) {
      this.#queues.pop();
    }
  }
}
