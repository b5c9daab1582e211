import { type Clock, exponentialBuckets, processMetrics } from '@coxswain/machinery';

const labels = ['name'];
const stability = 'BETA';
const seconds = exponentialBuckets(1e-8, 10, 10);

const families = {
  adds: processMetrics.counter({
    name: 'workqueue_adds_total',
    help: 'Keys added to a queue.',
    labels,
    stability,
  }),
  depth: processMetrics.gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait in a queue.',
    labels,
    stability,
  }),
  retries: processMetrics.counter({
    name: 'workqueue_retries_total',
    help: 'Keys that came again after a failure.',
    labels,
    stability,
  }),
  waited: processMetrics.histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long keys waited in a queue.',
    labels,
    stability,
    buckets: seconds,
  }),
  worked: processMetrics.histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long the work on a key took.',
    labels,
    stability,
    buckets: seconds,
  }),
  unfinished: processMetrics.gauge({
    name: 'workqueue_unfinished_work_seconds',
    help: 'How long the work under way has taken so far, all keys together.',
    labels,
    stability,
  }),
  longest: processMetrics.gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How long the work on the key has taken that is under way for longest.',
    labels,
    stability,
  }),
};

/** Metrics of one queue under client-go's names; queues of the same name are told together. */
export class QueueMetrics {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #adds;
  readonly #depth;
  readonly #retries;
  readonly #waited;
  readonly #worked;
  readonly #addedAt = new Map<string, number>();
  readonly #beganAt = new Map<string, number>();

  constructor(name: string, clock: Clock) {
    this.#name = name;
    this.#clock = clock;
    this.#adds = families.adds.with(name);
    this.#depth = families.depth.with(name);
    this.#retries = families.retries.with(name);
    this.#waited = families.waited.with(name);
    this.#worked = families.worked.with(name);
  }

  /** Keys are being handled from now on. */
  started(): void {
    running.set(this.#beganAt, { name: this.#name, clock: this.#clock });
  }

  /** Nobody handles keys any more; what is left waits for nothing. */
  stopped(): void {
    running.delete(this.#beganAt);
    this.#depth.dec(this.#addedAt.size);
    this.#addedAt.clear();
  }

  added(key: string): void {
    this.#adds.inc();
    this.#depth.inc();
    this.#addedAt.set(key, this.#clock.monotonic());
  }

  retried(): void {
    this.#retries.inc();
  }

  began(key: string): void {
    const now = this.#clock.monotonic();
    this.#depth.dec();
    this.#waited.observe((now - (this.#addedAt.get(key) ?? now)) / 1000);
    this.#addedAt.delete(key);
    this.#beganAt.set(key, now);
  }

  ended(key: string): void {
    const now = this.#clock.monotonic();
    this.#worked.observe((now - (this.#beganAt.get(key) ?? now)) / 1000);
    this.#beganAt.delete(key);
  }
}

/** When the work under way began, of every queue. */
const running = new Map<ReadonlyMap<string, number>, { readonly name: string; readonly clock: Clock }>();

processMetrics.beforeWrite(() => {
  families.unfinished.clear();
  families.longest.clear();
  for (const [beganAt, { name, clock }] of running) {
    const now = clock.monotonic();
    const unfinished = families.unfinished.with(name);
    const longest = families.longest.with(name);
    for (const began of beganAt.values()) {
      unfinished.inc((now - began) / 1000);
      longest.set(Math.max(longest.value, (now - began) / 1000));
    }
  }
});
