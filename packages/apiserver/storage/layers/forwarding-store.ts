import type {
  KeyValue,
  RangeRequest,
  RangeResult,
  Store,
  StoreWatch,
  WatchRequest,
  WriteResult,
} from '@coxswain/store';

/** How long a key that is written lives. */
export interface LeaseOptions {
  readonly leaseSeconds?: number;
}

/** A store that hands everything on to another: what one adds to stores overrides what it concerns. */
export class ForwardingStore implements Store {
  protected readonly inner: Store;
  /** Absent where the inner store has none. */
  readonly readRevision?: () => Promise<number>;
  readonly compactTogether?: NonNullable<Store['compactTogether']>;

  constructor(inner: Store) {
    this.inner = inner;
    if (inner.readRevision !== undefined) this.readRevision = inner.readRevision.bind(inner);
    if (inner.compactTogether !== undefined) this.compactTogether = inner.compactTogether.bind(inner);
  }

  get revision(): number {
    return this.inner.revision;
  }

  get compactedRevision(): number {
    return this.inner.compactedRevision;
  }

  get(key: string): Promise<KeyValue | undefined> {
    return this.inner.get(key);
  }

  range(request: RangeRequest): Promise<RangeResult> {
    return this.inner.range(request);
  }

  create(key: string, value: Uint8Array, options?: LeaseOptions): Promise<WriteResult> {
    return this.inner.create(key, value, options);
  }

  update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: LeaseOptions,
  ): Promise<WriteResult> {
    return this.inner.update(key, value, expectedModRevision, options);
  }

  delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    return this.inner.delete(key, expectedModRevision);
  }

  watch(request: WatchRequest): StoreWatch {
    return this.inner.watch(request);
  }

  compact(revision: number): Promise<void> {
    return this.inner.compact(revision);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
