import type { Logger } from '@coxswain/machinery';
import type {
  KeyValue,
  RangeRequest,
  RangeResult,
  Store,
  StoreEvent,
  StoreWatch,
  WatchRequest,
  WriteResult,
} from '@coxswain/store';
import { LazyKeyValue } from './lazy-key-value.ts';
import { fromStoredMedia, type StorageMediaType, toStoredMedia } from './media.ts';

/** A write under way: its event is told before its answer comes, and bears the same bytes. */
interface Pending {
  readonly stored: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * A store whose values are in the form in which upstream stores them, seen as the cache keeps them. What others
 * wrote may be protobuf or JSON; what is written here is of one media type.
 */
export class MediaStore implements Store {
  readonly #store: Store;
  readonly #mediaType: StorageMediaType;
  readonly #logger: Logger;
  readonly #pending = new Map<string, Set<Pending>>();
  readonly readRevision?: () => Promise<number>;
  readonly compactTogether?: NonNullable<Store['compactTogether']>;

  constructor(store: Store, mediaType: StorageMediaType, logger: Logger) {
    this.#store = store;
    this.#mediaType = mediaType;
    this.#logger = logger;
    if (store.readRevision !== undefined) this.readRevision = store.readRevision.bind(store);
    if (store.compactTogether !== undefined) this.compactTogether = store.compactTogether.bind(store);
  }

  get revision(): number {
    return this.#store.revision;
  }

  get compactedRevision(): number {
    return this.#store.compactedRevision;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    const kv = await this.#store.get(key);
    return kv && this.#seen(kv);
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const result = await this.#store.range(request);
    return { ...result, kvs: result.kvs.map((kv) => this.#seen(kv)) };
  }

  create(key: string, value: Uint8Array, options?: { leaseSeconds?: number }): Promise<WriteResult> {
    return this.#write(key, value, (stored) => this.#store.create(key, stored, options));
  }

  update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: { leaseSeconds?: number },
  ): Promise<WriteResult> {
    return this.#write(key, value, (stored) => this.#store.update(key, stored, expectedModRevision, options));
  }

  async delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    const result = await this.#store.delete(key, expectedModRevision);
    return result.ok ? { ...result, kv: this.#seen(result.kv) } : this.#refused(result);
  }

  watch(request: WatchRequest): StoreWatch {
    return this.#store.watch({
      ...request,
      onEvents: (events) => request.onEvents(events.map((event) => this.#told(event))),
    });
  }

  compact(revision: number): Promise<void> {
    return this.#store.compact(revision);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #write(
    key: string,
    value: Uint8Array,
    write: (stored: Uint8Array) => Promise<WriteResult>,
  ): Promise<WriteResult> {
    const stored = isBookkeeping(key) ? value : toStoredMedia(value, this.#mediaType);
    const pending: Pending = { stored, value };
    const ofKey = this.#pending.get(key) ?? new Set();
    this.#pending.set(key, ofKey.add(pending));
    try {
      const result = await write(stored);
      return result.ok ? { ...result, kv: { ...result.kv, value } } : this.#refused(result);
    } finally {
      ofKey.delete(pending);
      if (ofKey.size === 0 && this.#pending.get(key) === ofKey) this.#pending.delete(key);
    }
  }

  #refused(result: WriteResult & { ok: false }): WriteResult {
    return result.current === undefined ? result : { ...result, current: this.#seen(result.current) };
  }

  #told(event: StoreEvent): StoreEvent {
    if (event.type === 'delete') return { ...event, kv: new LazyKeyValue(event.kv, (kv) => this.#seen(kv)) };
    const kv = { ...event.kv, value: this.#own(event.kv) ?? this.#value(event.kv) };
    const { previous } = event;
    return previous === undefined
      ? { type: 'put', kv }
      : { type: 'put', kv, previous: new LazyKeyValue(previous, (old) => this.#seen(old)) };
  }

  /** The bytes that were given to be written, so that the cache need not decode its own writes. */
  #own({ key, value }: KeyValue): Uint8Array | undefined {
    const stored = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    for (const pending of this.#pending.get(key) ?? [])
      if (stored.equals(pending.stored)) return pending.value;
    return undefined;
  }

  #seen(kv: KeyValue): KeyValue {
    return { ...kv, value: this.#value(kv) };
  }

  /** A value that cannot be read stays as it is: it must not keep the others from being served. */
  #value({ key, value }: KeyValue): Uint8Array {
    if (isBookkeeping(key)) return value;
    try {
      return fromStoredMedia(value);
    } catch (error) {
      this.#logger.error('a stored value cannot be decoded', { key, error: String(error) });
      return value;
    }
  }
}

/** Ranges of which numbers are given out have a codec of their own. */
function isBookkeeping(key: string): boolean {
  return key.startsWith('/registry/ranges/');
}
