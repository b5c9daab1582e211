import type { KeyValue, StoreEvent } from './contract.ts';
import { PastKeyValue, type PastValues, sizeOf, wholeEvent } from './log/past-key-value.ts';

/** The revision that made an event. */
export function eventRevision(event: StoreEvent): number {
  return event.type === 'put' ? event.kv.modRevision : event.revision;
}

/**
 * The history since the last compaction: one event a revision, without gaps. Where values can be read again, those of
 * keys that have been written since take no memory.
 */
export class EventLog {
  #events: StoreEvent[] = [];
  /** Revision of the first event that is or will be held. */
  #first: number;
  #bytes = 0;
  readonly #past: PastValues | undefined;

  /**
   * @param first the revision that the next appended event has
   * @param past has the values of what is appended; absent: they stay in memory
   */
  constructor(first: number, past?: PastValues) {
    this.#first = first;
    this.#past = past;
  }

  get length(): number {
    return this.#events.length;
  }

  /** Bytes of the values held. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: StoreEvent): void {
    this.#bytes += sizeOf(event.kv);
    this.#events.push(this.#past === undefined ? event : this.#slim(event, this.#past));
  }

  /** The event without the value that it has replaced, which the event before has no more either. */
  #slim(event: StoreEvent, past: PastValues): StoreEvent {
    const replaced = event.type === 'delete' ? event.kv : event.previous;
    if (replaced === undefined) return event;
    const kv = new PastKeyValue(replaced, past);
    const at = replaced.modRevision - this.#first;
    if (at >= 0) this.#events[at] = put(kv, (this.#events[at] as StoreEvent & { type: 'put' }).previous);
    return event.type === 'delete' ? { ...event, kv } : put(event.kv, kv);
  }

  /** Events above `revision` whose key begins with `prefix`. */
  after(revision: number, prefix: string): StoreEvent[] {
    const found: StoreEvent[] = [];
    for (let i = Math.max(0, revision + 1 - this.#first); i < this.#events.length; i++) {
      const event = this.#events[i]!;
      if (event.kv.key.startsWith(prefix)) found.push(event);
    }
    return found;
  }

  /** Drops the events up to and including `revision` and gives them. */
  dropThrough(revision: number): StoreEvent[] {
    const count = Math.min(Math.max(0, revision + 1 - this.#first), this.#events.length);
    const dropped = this.#events.slice(0, count);
    this.#events = this.#events.slice(count);
    this.#first += count;
    for (const event of dropped) this.#bytes -= sizeOf(event.kv);
    return dropped;
  }

  /** Revision to compact to so that not more than `bytes` of values are kept. */
  revisionToKeep(bytes: number): number {
    let over = this.#bytes - bytes;
    let i = 0;
    for (; i < this.#events.length && over > 0; i++) over -= sizeOf(this.#events[i]!.kv);
    return this.#first + i - 1;
  }

  /** A copy up to and including `revision`, with all values in memory. */
  copy(revision: number): EventLog {
    const log = new EventLog(this.#first);
    log.#events = this.#events.slice(0, Math.max(0, revision + 1 - this.#first));
    if (this.#past !== undefined) log.#events = log.#events.map(wholeEvent);
    log.#bytes = this.#bytes;
    for (let i = log.#events.length; i < this.#events.length; i++) log.#bytes -= sizeOf(this.#events[i]!.kv);
    return log;
  }
}

function put(kv: KeyValue, previous: KeyValue | undefined): StoreEvent {
  return previous === undefined ? { type: 'put', kv } : { type: 'put', kv, previous };
}
