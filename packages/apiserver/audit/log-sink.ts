import { type AuditEvent, encodeEvent } from './event.ts';
import { legacyLine } from './legacy-format.ts';
import type { AuditSink, SinkFault } from './sink.ts';

/** What lines are written to. */
export interface LineWriter {
  /** Throws when the text could not be written. */
  write(text: string): void;
  close(): Promise<void>;
}

export type LogFormat = 'json' | 'legacy';

/** Writes one line an event. */
export class LogSink implements AuditSink {
  readonly #writer: LineWriter;
  readonly #encode: (event: AuditEvent) => string;
  readonly #fault: SinkFault;

  constructor(writer: LineWriter, format: LogFormat, fault: SinkFault) {
    this.#writer = writer;
    this.#encode = format === 'json' ? encodeEvent : legacyLine;
    this.#fault = fault;
  }

  process(events: readonly AuditEvent[]): boolean {
    let kept = true;
    for (const event of events) {
      try {
        this.#writer.write(`${this.#encode(event)}\n`);
      } catch (error) {
        this.#fault('log', error, [event]);
        kept = false;
      }
    }
    return kept;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
