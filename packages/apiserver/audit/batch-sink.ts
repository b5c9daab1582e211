import type { Clock, Timer } from '@coxswain/machinery';
import type { AuditEvent } from './event.ts';
import type { AuditSink, SinkFault } from './sink.ts';

export interface BatchOptions {
  /** Events that wait at most; what comes beyond is lost. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** How long the first event of a batch waits for others; ignored for batches of one. */
  readonly maxBatchWaitMs: number;
  /** Batches a second and at once; absent: as many as come. */
  readonly throttle?: { readonly qps: number; readonly burst: number };
  /** Whether a batch may be handed on before the one before is done. */
  readonly concurrent: boolean;
}

/** Mode `batch`: requests never wait; events are handed on together a little later. */
export class BatchSink implements AuditSink {
  readonly #sink: AuditSink;
  readonly #options: BatchOptions;
  readonly #clock: Clock;
  readonly #fault: SinkFault;
  #buffer: AuditEvent[] = [];
  #timer: Timer | undefined;
  readonly #running = new Set<Promise<unknown>>();
  #tokens: number;
  #tokensAt: number;
  #closed = false;

  constructor(sink: AuditSink, options: BatchOptions, clock: Clock, fault: SinkFault) {
    this.#sink = sink;
    this.#options = options;
    this.#clock = clock;
    this.#fault = fault;
    this.#tokens = options.throttle?.burst ?? 0;
    this.#tokensAt = clock.monotonic();
  }

  process(events: readonly AuditEvent[]): boolean {
    const room = this.#closed ? 0 : this.#options.bufferSize - this.#buffer.length;
    if (room < events.length) {
      const why = this.#closed ? 'audit backend shut down' : 'audit buffer queue blocked';
      this.#fault('batch', why, events.slice(room));
    }
    this.#buffer.push(...events.slice(0, room));
    this.#next();
    return true;
  }

  /** Hands on what waits, whatever the throttle says. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await Promise.all(this.#running);
    while (this.#buffer.length > 0) this.#send();
    await Promise.all(this.#running);
    await this.#sink.close();
  }

  /** Hands on a full batch at once, another when its time has come. */
  #next(): void {
    const { maxBatchSize, maxBatchWaitMs, concurrent } = this.#options;
    while (this.#buffer.length >= maxBatchSize && (concurrent || this.#running.size === 0)) {
      const wait = this.#throttled();
      if (wait > 0) {
        this.#wake(wait, () => this.#next());
        return;
      }
      this.#send();
    }
    if (this.#buffer.length > 0 && this.#timer === undefined) this.#wake(maxBatchWaitMs, () => this.#due());
  }

  #due(): void {
    if (this.#buffer.length === 0) return;
    if (!this.#options.concurrent && this.#running.size > 0) return;
    const wait = this.#throttled();
    if (wait > 0) {
      this.#wake(wait, () => this.#due());
      return;
    }
    this.#send();
    this.#next();
  }

  #wake(ms: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      if (!this.#closed) then();
    });
  }

  #send(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#buffer.splice(0, this.#options.maxBatchSize);
    const result = this.#sink.process(batch);
    if (typeof result === 'boolean') return;
    const running = result.then(() => {
      this.#running.delete(running);
      if (!this.#closed) this.#next();
    });
    this.#running.add(running);
  }

  /** Milliseconds until a batch may go; takes the right to it when that is now. */
  #throttled(): number {
    const { throttle } = this.#options;
    if (throttle === undefined) return 0;
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(throttle.burst, this.#tokens + ((now - this.#tokensAt) / 1000) * throttle.qps);
    this.#tokensAt = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / throttle.qps) * 1000);
    this.#tokens -= 1;
    return 0;
  }
}
