import { type AuditEvent, encodeEvent, truncatedAnnotation } from './event.ts';
import type { AuditSink, SinkFault } from './sink.ts';

export interface TruncateOptions {
  /** Bytes of one event. */
  readonly maxEventSize: number;
  /** Bytes of the events that are handed on together. */
  readonly maxBatchSize: number;
}

/** Takes the objects out of events that are too large, and hands on no more than fits together. */
export class TruncateSink implements AuditSink {
  readonly #sink: AuditSink;
  readonly #options: TruncateOptions;
  readonly #fault: SinkFault;

  constructor(sink: AuditSink, options: TruncateOptions, fault: SinkFault) {
    this.#sink = sink;
    this.#options = options;
    this.#fault = fault;
  }

  process(events: readonly AuditEvent[]): boolean | Promise<boolean> {
    const batches = this.#batches(events);
    let kept: boolean | Promise<boolean> = true;
    for (const batch of batches) {
      const before: boolean | Promise<boolean> = kept;
      const result = this.#sink.process(batch);
      kept =
        typeof before === 'boolean' && typeof result === 'boolean'
          ? before && result
          : Promise.all([before, result]).then((all) => all.every(Boolean));
    }
    return kept;
  }

  close(): Promise<void> {
    return this.#sink.close();
  }

  #batches(events: readonly AuditEvent[]): AuditEvent[][] {
    const { maxEventSize, maxBatchSize } = this.#options;
    const batches: AuditEvent[][] = [];
    let room = 0;
    for (const given of events) {
      let event = given;
      let size: number;
      try {
        size = sizeOf(event);
        if (size > maxEventSize && (event.requestObject ?? event.responseObject) !== undefined) {
          event = truncated(event);
          size = sizeOf(event);
        }
      } catch (error) {
        this.#fault('truncate', error, [given]);
        continue;
      }
      if (size > maxEventSize) {
        this.#fault('truncate', 'event is too large even after truncating', [given]);
        continue;
      }
      if (size > room) {
        batches.push([]);
        room = maxBatchSize;
      }
      (batches.at(-1) as AuditEvent[]).push(event);
      room -= size;
    }
    return batches;
  }
}

function sizeOf(event: AuditEvent): number {
  return Buffer.byteLength(encodeEvent(event));
}

function truncated(event: AuditEvent): AuditEvent {
  const { requestObject: _, responseObject: __, ...rest } = event;
  return { ...rest, annotations: { ...event.annotations, [truncatedAnnotation]: 'true' } };
}
