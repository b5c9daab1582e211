/** One stored key at one revision. The bytes are shared: never change them. */
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the write that created the key since its last deletion. */
  readonly createRevision: number;
  /** Revision of the last write. */
  readonly modRevision: number;
  /** Wall milliseconds at which the key expires; absent: never, or the store does not tell. */
  readonly due?: number;
}

/** A change, in revision order. Every revision changes exactly one key. */
export type StoreEvent =
  | { readonly type: 'put'; readonly kv: KeyValue; readonly previous?: KeyValue }
  /** `kv` is the value before the deletion, `revision` that of the deletion itself. */
  | { readonly type: 'delete'; readonly kv: KeyValue; readonly revision: number };

export interface RangeRequest {
  /** All keys that begin with it. */
  readonly prefix: string;
  /** First key to give, inclusive; for continuing a paged list. Default: the prefix. */
  readonly from?: string;
  /** At most so many; 0 or absent: all. */
  readonly limit?: number;
  /** As of this revision; absent or 0: now. Throws `CompactedError` or `FutureRevisionError`. */
  readonly revision?: number;
}

export interface RangeResult {
  readonly kvs: readonly KeyValue[];
  /** How many keys of the prefix from `from` on there are, whether or not they were given. */
  readonly count: number;
  /** The store's revision when the range was read (the asked one, if one was asked). */
  readonly revision: number;
}

/** What a compare-and-set write gives. On failure `current` is what is there (absent: no such key). */
export type WriteResult =
  | { readonly ok: true; readonly revision: number; readonly kv: KeyValue }
  | { readonly ok: false; readonly revision: number; readonly current?: KeyValue };

export interface WatchRequest {
  readonly prefix: string;
  /** Events with a revision greater than this. Throws `CompactedError` when they are gone. */
  readonly afterRevision: number;
  /** Called with one or more events in revision order, after they are durable. Must not throw. */
  readonly onEvents: (events: readonly StoreEvent[]) => void;
  /**
   * Called when everything up to this revision has been told, whether or not it concerned the prefix. Only by
   * stores that others write to as well; elsewhere what was told is all there is.
   */
  readonly onProgress?: (revision: number) => void;
  /** Called at most once: the watch has ended and why (`CompactedError`, a lost connection). */
  readonly onEnd: (error?: Error) => void;
}

/** A running watch. */
export interface StoreWatch {
  close(): void;
}

/**
 * etcd's contract, small. One revision counter; events in order; no write is acknowledged and no event
 * delivered before it is durable; concurrent writes share one fsync. Keys are `/registry/...`.
 */
export interface Store {
  /** Revision of the last durable write. Starts at 1 in an empty store, as etcd's does. */
  readonly revision: number;
  /** Events up to and including this revision are gone. */
  readonly compactedRevision: number;
  /**
   * The newest revision, with every write that anybody was told of before the call. Only of stores that others
   * write to as well; absent where `revision` is that.
   */
  readRevision?(): Promise<number>;
  get(key: string): Promise<KeyValue | undefined>;
  range(request: RangeRequest): Promise<RangeResult>;
  /** Fails (ok: false) when the key exists. */
  create(key: string, value: Uint8Array, options?: { readonly leaseSeconds?: number }): Promise<WriteResult>;
  /** Fails when the key is absent or its modRevision differs. */
  update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: { readonly leaseSeconds?: number },
  ): Promise<WriteResult>;
  /** Fails when the key is absent or its modRevision differs. On success `kv` is the deleted value. */
  delete(key: string, expectedModRevision: number): Promise<WriteResult>;
  watch(request: WatchRequest): StoreWatch;
  /** Forgets history up to and including `revision`. */
  compact(revision: number): Promise<void>;
  /**
   * One round of a compaction that several servers of the same data do together: of those that come with the
   * same version one wins and compacts up to `revision` (0: nothing). Gives the version to come with next time
   * and the newest revision. Only of stores that others write to as well.
   */
  compactTogether?(
    version: number,
    revision: number,
  ): Promise<{ readonly version: number; readonly revision: number }>;
  /** Bytes of the file that holds it, wherever that lies. Absent where there is none. */
  sizeOnDisk?(): number | Promise<number>;
  /** Makes everything durable, ends watches, releases the data dir. */
  close(): Promise<void>;
}

/** Memory and embedded stores can be copied and rewound. */
export interface SnapshotStore extends Store {
  /** The whole state at the current revision as bytes with a checksum. */
  snapshot(): Promise<Uint8Array>;
  /**
   * A memory store with the same contents, sharing values: as they are, or as they were at a revision that the
   * history has. That one's history ends there, and its next write has the revision after it. Throws
   * `CompactedError` or `FutureRevisionError`.
   */
  fork(revision?: number): SnapshotStore;
  /**
   * Makes the keys hold what they held at a revision that the history has, by writes as any others: time goes on,
   * revisions ascend, watches are told of what changes, and the rewinding can itself be rewound. What a lease has
   * ended meanwhile stays ended. All of it is durable, or nothing, when this resolves; gives the revision then.
   * Rejects with `CompactedError` or `FutureRevisionError`.
   */
  rewind(revision: number): Promise<number>;
}

/** Whether a store has not answered in time: a write may have been done, or may yet be. */
export function isStoreTimeout(error: unknown): boolean {
  return (error as { readonly storeTimeout?: unknown } | undefined)?.storeTimeout === true;
}

/** The asked revision is older than the compacted one. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly code = 'COMPACTED';
  readonly compactedRevision: number;

  constructor(compactedRevision: number) {
    super('required revision has been compacted');
    this.compactedRevision = compactedRevision;
  }
}

/** The asked revision has not been written yet. */
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  readonly code = 'FUTURE_REVISION';
  readonly revision: number;

  constructor(revision: number) {
    super('required revision is a future revision');
    this.revision = revision;
  }
}

/** The data dir cannot be used; nothing in it was changed. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
  readonly code: 'DATA_DIR_LOCKED' | 'DATA_DIR_DAMAGED' | 'DATA_DIR_FOREIGN';

  constructor(code: DataDirError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The store is closed, or has failed and must be opened anew: the write was not and will not be done. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';
  readonly code = 'STORE_CLOSED';

  constructor(message = 'the store is closed', options?: ErrorOptions) {
    super(message, options);
  }
}

/** The write was not done, as the disk refused it (it is full, say); it may be tried again. */
export class StoreWriteError extends Error {
  override readonly name = 'StoreWriteError';
  readonly code = 'STORE_WRITE_FAILED';

  constructor(why: string, options?: ErrorOptions) {
    super(`write to the data dir: ${why}`, options);
  }
}
