import type { StoreEvent } from './contract.ts';

/** The revision that made an event. */
export function eventRevision(event: StoreEvent): number {
  return event.type === 'put' ? event.kv.modRevision : event.revision;
}

/** The history since the last compaction: one event a revision, without gaps. */
export class EventLog {
  #events: StoreEvent[] = [];
  /** Revision of the first event that is or will be held. */
  #first: number;
  #bytes = 0;

  /** @param first the revision that the next appended event has */
  constructor(first: number) {
    this.#first = first;
  }

  get length(): number {
    return this.#events.length;
  }

  /** Bytes of the values held. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += event.kv.value.length;
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
    for (const event of dropped) this.#bytes -= event.kv.value.length;
    return dropped;
  }

  /** Revision to compact to so that not more than `bytes` of values are kept. */
  revisionToKeep(bytes: number): number {
    let over = this.#bytes - bytes;
    let i = 0;
    for (; i < this.#events.length && over > 0; i++) over -= this.#events[i]!.kv.value.length;
    return this.#first + i - 1;
  }

  /** A copy up to and including `revision`. */
  copy(revision: number): EventLog {
    const log = new EventLog(this.#first);
    log.#events = this.#events.slice(0, Math.max(0, revision + 1 - this.#first));
    log.#bytes = this.#bytes;
    for (let i = log.#events.length; i < this.#events.length; i++)
      log.#bytes -= this.#events[i]!.kv.value.length;
    return log;
  }
}
