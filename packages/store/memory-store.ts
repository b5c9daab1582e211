import { type Clock, systemClock } from '@coxswain/machinery';
import { type KeyValue, StoreClosedError, type StoreEvent, type WriteResult } from './contract.ts';
import { EventLog } from './event-log.ts';
import { Keyspace } from './keyspace.ts';
import { defaultHistoryBytes, KeyspaceStore } from './keyspace-store.ts';
import { writesBack } from './rewind.ts';
import { decodeSnapshot } from './snapshot/snapshot.ts';
import { SortedMap } from './sorted-map.ts';
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

/**
 * A store that lives and dies with the process. A write is done, and its event delivered, before the call
 * returns; the promise only carries the result.
 */
export class MemoryStore extends KeyspaceStore {
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    super({
      clock: options.clock ?? systemClock,
      historyBytes: options.historyBytes ?? defaultHistoryBytes,
      keyspace: options.keyspace ?? new Keyspace(),
      leases: options.leases ?? [],
    });
  }

  async compact(revision: number): Promise<void> {
    this.open();
    this.keyspace.compact(revision);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.leases.stop();
    this.hub.endAll();
  }

  fork(revision?: number): MemoryStore {
    return new MemoryStore(this.contentsAt(revision));
  }

  async rewind(revision: number): Promise<number> {
    this.open();
    const events: StoreEvent[] = [];
    for (const { write, due } of writesBack(this.keyspace, revision, this.clock.now())) {
      events.push(this.#apply(write, this.keyspace.get(write.key), due));
    }
    const rewound = this.keyspace.revision;
    this.hub.dispatch(events);
    return rewound;
  }

  protected open(): void {
    if (this.#closed) throw new StoreClosedError();
  }

  protected async write(write: Write, due: number): Promise<WriteResult> {
    return this.#write(write, due);
  }

  #write(write: Write, due: number): WriteResult {
    this.open();
    const current = this.keyspace.get(write.key);
    if (!writeAllowed(write, current)) return refusal(current, this.keyspace.revision);
    const event = this.#apply(write, current, due);
    const { revision } = this.keyspace;
    this.hub.dispatch([event]);
    return { ok: true, revision, kv: event.kv };
  }

  #apply(write: Write, current: KeyValue | undefined, due: number): StoreEvent {
    const event = eventOf(write, current, this.keyspace.revision + 1, due);
    this.keyspace.apply(event);
    if (due === 0) this.leases.clear(write.key);
    else this.leases.set(write.key, due);
    if (this.keyspace.historyBytes > this.historyBytes) {
      this.keyspace.compact(this.keyspace.revisionToKeep(this.historyBytes / 2));
    }
    return event;
  }

  protected expire(keys: readonly string[]): void {
    for (const key of keys) {
      const current = this.keyspace.get(key);
      if (current === undefined) this.leases.clear(key);
      else this.#write({ type: 'delete', key, expected: current.modRevision }, 0);
    }
  }
}

/** The contents of a snapshot as a keyspace without history. */
function keyspaceOfSnapshot(bytes: Uint8Array): {
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
