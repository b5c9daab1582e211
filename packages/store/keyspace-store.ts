import type { Clock } from '@coxswain/machinery';
import type {
  KeyValue,
  RangeRequest,
  RangeResult,
  SnapshotStore,
  StoreWatch,
  WatchRequest,
  WriteResult,
} from './contract.ts';
import type { Keyspace } from './keyspace.ts';
import { LeaseIndex } from './lease-index.ts';
import { readWhole } from './log/past-key-value.ts';
import { encodeSnapshot } from './snapshot/snapshot.ts';
import { WatchHub } from './watch-hub.ts';
import type { Write } from './write.ts';

/** History that a store keeps unless told: some minutes of hard writing. */
export const defaultHistoryBytes = 256 * 2 ** 20;

/** What a store begins with. */
export interface StoreContents {
  readonly clock: Clock;
  /** History is compacted by itself when its values exceed so many bytes. */
  readonly historyBytes: number;
  /** The store takes it over. */
  readonly keyspace: Keyspace;
  /** Wall milliseconds at which keys expire. */
  readonly leases: Iterable<readonly [string, number]>;
}

/** A store whose present is in memory; how a write is done and lasts is its subclass's. */
export abstract class KeyspaceStore implements SnapshotStore {
  protected readonly clock: Clock;
  protected readonly historyBytes: number;
  protected readonly keyspace: Keyspace;
  protected readonly leases: LeaseIndex;
  protected readonly hub = new WatchHub();

  constructor({ clock, historyBytes, keyspace, leases }: StoreContents) {
    this.clock = clock;
    this.historyBytes = historyBytes;
    this.keyspace = keyspace;
    this.leases = new LeaseIndex(clock, (keys) => this.expire(keys));
    for (const [key, due] of leases) this.leases.set(key, due);
  }

  abstract compact(revision: number): Promise<void>;
  abstract close(): Promise<void>;
  abstract fork(revision?: number): SnapshotStore;
  abstract rewind(revision: number): Promise<number>;
  /** Throws when the store is closed or has failed. */
  protected abstract open(): void;
  /** @param due wall milliseconds at which the key expires; 0: never */
  protected abstract write(write: Write, due: number): Promise<WriteResult>;
  /** Deletes keys whose time has come. */
  protected abstract expire(keys: readonly string[]): void;

  get revision(): number {
    return this.keyspace.revision;
  }

  get compactedRevision(): number {
    return this.keyspace.compactedRevision;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.open();
    return this.keyspace.get(key);
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    this.open();
    const result = this.keyspace.range(request);
    // Of the present all values are in memory.
    return request.revision ? { ...result, kvs: await readWhole(result.kvs) } : result;
  }

  create(key: string, value: Uint8Array, options?: { leaseSeconds?: number }): Promise<WriteResult> {
    return this.write({ type: 'create', key, value }, this.#dueIn(options?.leaseSeconds));
  }

  update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: { leaseSeconds?: number },
  ): Promise<WriteResult> {
    const due = this.#dueIn(options?.leaseSeconds);
    return this.write({ type: 'update', key, value, expected: expectedModRevision }, due);
  }

  delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    return this.write({ type: 'delete', key, expected: expectedModRevision }, 0);
  }

  watch(request: WatchRequest): StoreWatch {
    this.open();
    const backlog = this.keyspace.eventsAfter(request.afterRevision, request.prefix);
    return this.hub.add(request, backlog, this.keyspace.revision);
  }

  async snapshot(): Promise<Uint8Array> {
    this.open();
    return encodeSnapshot({
      revision: this.keyspace.revision,
      kvs: [...this.keyspace.all()],
      leases: new Map(this.leases.entries()),
    });
  }

  /** What a fork begins with. */
  protected contentsAt(revision: number | undefined): StoreContents {
    this.open();
    const { clock, historyBytes } = this;
    const keyspace = this.keyspace.copy(revision);
    return { clock, historyBytes, keyspace, leases: LeaseIndex.of(keyspace.all()) };
  }

  #dueIn(leaseSeconds: number | undefined): number {
    return leaseSeconds === undefined ? 0 : this.leases.dueIn(leaseSeconds);
  }
}
