import { type Clock, systemClock } from '@coxswain/machinery';
import {
  type KeyValue,
  type RangeRequest,
  type RangeResult,
  type SnapshotStore,
  StoreClosedError,
  type StoreEvent,
  type StoreWatch,
  type WatchRequest,
  type WriteResult,
} from './contract.ts';
import { EventLog } from './event-log.ts';
import { Keyspace } from './keyspace.ts';
import { LeaseIndex } from './lease-index.ts';
import { writesBack } from './rewind.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';
import { SortedMap } from './sorted-map.ts';
import { WatchHub } from './watch-hub.ts';
import { eventOf, mortal, refusal, type Write, writeAllowed } from './write.ts';

export interface MemoryStoreOptions {
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** History is compacted by itself when its values exceed so many bytes. Default: 256 MiB. */
  readonly historyBytes?: number;
  /** State to begin with; the store takes it over. */
  readonly keyspace?: Keyspace;
  /** Wall milliseconds at which keys expire. */
  readonly leases?: Iterable<readonly [string, number]>;
}

/** History that a store keeps unless told: some minutes of hard writing. */
export const defaultHistoryBytes = 256 * 2 ** 20;

/**
 * A store that lives and dies with the process. A write is done, and its event delivered, before the call
 * returns; the promise only carries the result.
 */
export class MemoryStore implements SnapshotStore {
  readonly #clock: Clock;
  readonly #historyBytes: number;
  readonly #keyspace: Keyspace;
  readonly #leases: LeaseIndex;
  readonly #hub = new WatchHub();
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#historyBytes = options.historyBytes ?? defaultHistoryBytes;
    this.#keyspace = options.keyspace ?? new Keyspace();
    this.#leases = new LeaseIndex(this.#clock, (keys) => this.#expire(keys));
    for (const [key, due] of options.leases ?? []) this.#leases.set(key, due);
  }

  get revision(): number {
    return this.#keyspace.revision;
  }

  get compactedRevision(): number {
    return this.#keyspace.compactedRevision;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.#open();
    return this.#keyspace.get(key);
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    this.#open();
    return this.#keyspace.range(request);
  }

  async create(key: string, value: Uint8Array, options?: { leaseSeconds?: number }): Promise<WriteResult> {
    return this.#write({ type: 'create', key, value }, this.#dueIn(options?.leaseSeconds));
  }

  async update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: { leaseSeconds?: number },
  ): Promise<WriteResult> {
    const due = this.#dueIn(options?.leaseSeconds);
    return this.#write({ type: 'update', key, value, expected: expectedModRevision }, due);
  }

  async delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    return this.#write({ type: 'delete', key, expected: expectedModRevision }, 0);
  }

  watch(request: WatchRequest): StoreWatch {
    this.#open();
    const backlog = this.#keyspace.eventsAfter(request.afterRevision, request.prefix);
    return this.#hub.add(request, backlog, this.#keyspace.revision);
  }

  async compact(revision: number): Promise<void> {
    this.#open();
    this.#keyspace.compact(revision);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#leases.stop();
    this.#hub.endAll();
  }

  async snapshot(): Promise<Uint8Array> {
    this.#open();
    return encodeSnapshot({
      revision: this.#keyspace.revision,
      kvs: [...this.#keyspace.all()],
      leases: new Map(this.#leases.entries()),
    });
  }

  fork(revision?: number): MemoryStore {
    this.#open();
    const keyspace = this.#keyspace.copy(revision);
    const leases = LeaseIndex.of(keyspace.all());
    return new MemoryStore({ clock: this.#clock, historyBytes: this.#historyBytes, keyspace, leases });
  }

  async rewind(revision: number): Promise<number> {
    this.#open();
    const events: StoreEvent[] = [];
    for (const { write, due } of writesBack(this.#keyspace, revision, this.#clock.now())) {
      events.push(this.#apply(write, this.#keyspace.get(write.key), due));
    }
    const rewound = this.#keyspace.revision;
    this.#hub.dispatch(events);
    return rewound;
  }

  #dueIn(leaseSeconds: number | undefined): number {
    return leaseSeconds === undefined ? 0 : this.#leases.dueIn(leaseSeconds);
  }

  #open(): void {
    if (this.#closed) throw new StoreClosedError();
  }

  /** @param due wall milliseconds at which the key expires; 0: never */
  #write(write: Write, due: number): WriteResult {
    this.#open();
    const current = this.#keyspace.get(write.key);
    if (!writeAllowed(write, current)) return refusal(current, this.#keyspace.revision);
    const event = this.#apply(write, current, due);
    const { revision } = this.#keyspace;
    this.#hub.dispatch([event]);
    return { ok: true, revision, kv: event.kv };
  }

  #apply(write: Write, current: KeyValue | undefined, due: number): StoreEvent {
    const event = eventOf(write, current, this.#keyspace.revision + 1, due);
    this.#keyspace.apply(event);
    if (due === 0) this.#leases.clear(write.key);
    else this.#leases.set(write.key, due);
    if (this.#keyspace.historyBytes > this.#historyBytes) {
      this.#keyspace.compact(this.#keyspace.revisionToKeep(this.#historyBytes / 2));
    }
    return event;
  }

  #expire(keys: readonly string[]): void {
    for (const key of keys) {
      const current = this.#keyspace.get(key);
      if (current === undefined) this.#leases.clear(key);
      else this.#write({ type: 'delete', key, expected: current.modRevision }, 0);
    }
  }
}

/** The contents of a snapshot as a keyspace without history. */
export function keyspaceOfSnapshot(bytes: Uint8Array): {
  readonly keyspace: Keyspace;
  readonly leases: ReadonlyMap<string, number>;
} {
  const { revision, kvs, leases } = decodeSnapshot(bytes);
  const keyspace = new Keyspace({
    current: SortedMap.fromSorted(
      kvs.map((kv) => kv.key),
      kvs.map((kv) => mortal(kv, leases.get(kv.key) ?? 0)),
    ),
    log: new EventLog(revision + 1),
    revision,
    compactedRevision: revision,
  });
  return { keyspace, leases };
}

/** A memory store with a snapshot's contents. Throws `SnapshotError` when the bytes are damaged. */
export function restoreMemoryStore(bytes: Uint8Array, options: { readonly clock?: Clock } = {}): MemoryStore {
  return new MemoryStore({ ...options, ...keyspaceOfSnapshot(bytes) });
}
