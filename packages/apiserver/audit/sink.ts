import type { Logger } from '@coxswain/machinery';
import type { AuditMetrics } from './audit-metrics.ts';
import type { AuditEvent } from './event.ts';

/** Where audit events go. */
export interface AuditSink {
  /**
   * Takes events. False when the request they are about must not go on; a promise where the request has to wait.
   * Never throws, and the promise never rejects.
   */
  process(events: readonly AuditEvent[]): boolean | Promise<boolean>;
  /** Takes no more events; resolves when those taken are where they belong. */
  close(): Promise<void>;
}

/** Takes note of events that could not be kept. */
export type SinkFault = (plugin: string, error: unknown, events: readonly AuditEvent[]) => void;

/** Counts and logs events that a sink could not keep. */
export function sinkFault(metrics: AuditMetrics, logger: Logger): SinkFault {
  return (plugin, error, events) => {
    metrics.failed(plugin, events.length);
    logger.error('audit events are lost', { plugin, events: events.length, error: String(error) });
  };
}

/** Gives the same events to several sinks. */
export class UnionSink implements AuditSink {
  readonly #sinks: readonly AuditSink[];

  constructor(sinks: readonly AuditSink[]) {
    this.#sinks = sinks;
  }

  process(events: readonly AuditEvent[]): boolean | Promise<boolean> {
    const results = this.#sinks.map((sink) => sink.process(events));
    if (results.every((result) => typeof result === 'boolean')) return results.every(Boolean);
    return Promise.all(results).then((kept) => kept.every(Boolean));
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }
}

/** Mode `blocking`: requests wait for the sink, but go on when it fails. */
export class LenientSink implements AuditSink {
  readonly #sink: AuditSink;

  constructor(sink: AuditSink) {
    this.#sink = sink;
  }

  process(events: readonly AuditEvent[]): boolean | Promise<boolean> {
    const result = this.#sink.process(events);
    return typeof result === 'boolean' ? true : result.then(() => true);
  }

  close(): Promise<void> {
    return this.#sink.close();
  }
}
