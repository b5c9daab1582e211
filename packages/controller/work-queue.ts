import { type Clock, type Logger, silentLogger, systemClock, type Timer } from '@coxswain/machinery';
import type { Reconcile, WorkQueue } from './contract.ts';
import { QueueMetrics } from './queue-metrics.ts';

export interface WorkQueueOptions {
  /** Names the queue in logs. */
  readonly name: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** First wait after a failure. Default: 5 ms, doubling up to `maxBackoffMs`. */
  readonly baseBackoffMs?: number;
  /** Default: 1,000 s. */
  readonly maxBackoffMs?: number;
}

class ReconcileQueue implements WorkQueue {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #baseMs: number;
  readonly #maxMs: number;
  /** Keys to handle, first in first out, from `#head` on. */
  #ready: string[] = [];
  #head = 0;
  /** Keys in `#ready`, and those added again while being handled. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #waiting = new Map<string, { readonly due: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  readonly #metrics: QueueMetrics;
  #onReady: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#logger = (options.logger ?? silentLogger).child({ queue: options.name });
    this.#baseMs = options.baseBackoffMs ?? 5;
    this.#maxMs = options.maxBackoffMs ?? 1_000_000;
    this.#metrics = new QueueMetrics(options.name, this.#clock);
  }

  get length(): number {
    return this.#ready.length - this.#head;
  }

  add(key: string): void {
    if (this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#metrics.added(key);
    if (this.#processing.has(key)) return;
    this.#ready.push(key);
    this.#onReady?.();
  }

  addAfter(key: string, ms: number): void {
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const due = this.#clock.monotonic() + ms;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      if (waiting.due <= due) return;
      waiting.timer.cancel();
    }
    const timer = this.#clock.after(ms, () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, { due, timer });
  }

  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics.retried();
    this.addAfter(key, Math.min(this.#maxMs, this.#baseMs * 2 ** failures));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  async run(
    reconcile: Reconcile,
    options: { readonly workers: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { workers, signal } = options;
    if (this.#onReady !== undefined) throw new Error('the work queue is running');
    this.#metrics.started();
    const ended = Promise.withResolvers<void>();
    let active = 0;
    let scheduled = false;
    const pump = (): void => {
      scheduled = false;
      while (!signal.aborted && active < workers && this.length > 0) {
        active++;
        void this.#handle(this.#take(), reconcile, signal).then(() => {
          active--;
          if (!signal.aborted) pump();
          else if (active === 0) ended.resolve();
        });
      }
    };
    // Later than the caller of `add`, which may be an informer with more handlers to tell.
    this.#onReady = () => {
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(pump);
    };
    const onAbort = (): void => {
      if (active === 0) ended.resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else this.#onReady();
    await ended.promise;
    this.#metrics.stopped();
    this.#onReady = undefined;
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
  }

  #take(): string {
    const key = this.#ready[this.#head++]!;
    // Half of the array is spent: drop it, so that each key is moved at most once on average.
    if (this.#head > 64 && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    this.#dirty.delete(key);
    this.#processing.add(key);
    this.#metrics.began(key);
    return key;
  }

  async #handle(key: string, reconcile: Reconcile, signal: AbortSignal): Promise<void> {
    try {
      const result = await reconcile(key, signal);
      this.forget(key);
      if (result !== undefined && !signal.aborted) this.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      if (!signal.aborted) {
        this.#logger.warn('reconcile failed, will retry', { key, error });
        this.addRateLimited(key);
      }
    } finally {
      this.#processing.delete(key);
      this.#metrics.ended(key);
      if (this.#dirty.has(key)) {
        this.#ready.push(key);
        this.#onReady?.();
      }
    }
  }
}

/** A queue of keys with client-go's guarantees, see `WorkQueue`. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new ReconcileQueue(options);
}
