import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type RangeRequest,
  type RangeResult,
  type StoreEvent,
} from './contract.ts';
import { EventLog, eventRevision } from './event-log.ts';
import { whole } from './log/past-key-value.ts';
import { prefixEnd, SortedMap } from './sorted-map.ts';

/** What `Keyspace` starts from. */
export interface KeyspaceContents {
  readonly current: SortedMap<KeyValue>;
  readonly log: EventLog;
  readonly revision: number;
  readonly compactedRevision: number;
}

/** An empty store has revision 1, as etcd's. */
export const firstRevision = 1;

/** The pure state of a store: the current keys, their history, and reads at a revision. */
export class Keyspace {
  readonly #current: SortedMap<KeyValue>;
  readonly #log: EventLog;
  #revision: number;
  #compactedRevision: number;

  constructor(contents?: KeyspaceContents) {
    this.#current = contents?.current ?? new SortedMap();
    this.#log = contents?.log ?? new EventLog(firstRevision + 1);
    this.#revision = contents?.revision ?? firstRevision;
    this.#compactedRevision = contents?.compactedRevision ?? 0;
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  get size(): number {
    return this.#current.size;
  }

  /** Bytes of the values in the history. */
  get historyBytes(): number {
    return this.#log.bytes;
  }

  get(key: string): KeyValue | undefined {
    return this.#current.get(key);
  }

  /** All keys in order. */
  *all(): Generator<KeyValue> {
    for (const [, kv] of this.#current.entries()) yield kv;
  }

  /** Takes the next event; its revision must be one above the current. */
  apply(event: StoreEvent): void {
    this.#revision = eventRevision(event);
    if (event.type === 'put') this.#current.set(event.kv.key, event.kv);
    else this.#current.delete(event.kv.key);
    this.#log.append(event);
  }

  /** Values of an older revision may have to be read: see `whole`. */
  range(request: RangeRequest): RangeResult {
    const { prefix, from = prefix, limit = 0, revision = 0 } = request;
    const end = prefixEnd(prefix);
    let start = from;
    if (start < prefix) start = prefix;
    if (revision > this.#revision) throw new FutureRevisionError(revision);
    if (revision > 0 && revision < this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
    const source = revision === 0 || revision === this.#revision ? this.#current : this.#at(revision, prefix);
    const { values, count } = source.scan(start, end, limit);
    return { kvs: values, count, revision: revision === 0 ? this.#revision : revision };
  }

  /** The prefix's keys as of an older revision: the present with the later events undone. */
  #at(revision: number, prefix: string): SortedMap<KeyValue> {
    const events = this.#log.after(revision, prefix);
    if (events.length === 0) return this.#current;
    const past = this.#current.snapshot();
    for (let i = events.length - 1; i >= 0; i--) {
      const event = events[i]!;
      const before = event.type === 'delete' ? event.kv : event.previous;
      if (before === undefined) past.delete(event.kv.key);
      else past.set(event.kv.key, before);
    }
    return past;
  }

  /** Events after a revision, whose values may have to be read; throws `CompactedError` when some of them are gone. */
  eventsAfter(revision: number, prefix: string): StoreEvent[] {
    if (revision < this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
    return this.#log.after(revision, prefix);
  }

  /** Checks a revision to compact to, by etcd's rules. */
  checkCompaction(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError(revision);
    if (revision <= this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
  }

  /** Forgets history up to and including `revision`; gives the events dropped. */
  compact(revision: number): StoreEvent[] {
    this.checkCompaction(revision);
    this.#compactedRevision = revision;
    return this.#log.dropThrough(revision);
  }

  /** A revision to compact to that leaves at most so many bytes of history. */
  revisionToKeep(bytes: number): number {
    return this.#log.revisionToKeep(bytes);
  }

  /** The keys written after a revision and what they held then; undefined: nothing. */
  before(revision: number): Map<string, KeyValue | undefined> {
    if (revision > this.#revision) throw new FutureRevisionError(revision);
    const found = new Map<string, KeyValue | undefined>();
    for (const event of this.eventsAfter(revision, '')) {
      const { key } = event.kv;
      if (!found.has(key)) found.set(key, event.type === 'delete' ? event.kv : event.previous);
    }
    return found;
  }

  /** An independent copy that shares values, as of a revision. */
  copy(revision = this.#revision): Keyspace {
    const current = this.#current.snapshot();
    for (const [key, kv] of this.before(revision)) {
      if (kv === undefined) current.delete(key);
      else current.set(key, whole(kv));
    }
    return new Keyspace({
      current,
      log: this.#log.copy(revision),
      revision,
      compactedRevision: this.#compactedRevision,
    });
  }
}
