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
import { OwnWrites } from '../own-writes.ts';
import { ForwardingStore, type LeaseOptions } from './forwarding-store.ts';
import { LazyKeyValue } from './lazy-key-value.ts';
import { fromStoredMedia, type StorageMediaType, toStoredMedia } from './media.ts';

/**
 * A store whose values are in the form in which upstream stores them, seen as the cache keeps them. What others
 * wrote may be protobuf or JSON; what is written here is of one media type.
 */
export class MediaStore extends ForwardingStore {
  readonly #mediaType: StorageMediaType;
  readonly #logger: Logger;
  readonly #own = new OwnWrites();

  constructor(store: Store, mediaType: StorageMediaType, logger: Logger) {
    super(store);
    this.#mediaType = mediaType;
    this.#logger = logger;
  }

  /** Whether the value of a key would be stored otherwise if it were written now: in another form or version. */
  async isStale(key: string): Promise<boolean> {
    if (isBookkeeping(key)) return false;
    const value = (await this.inner.get(key))?.value;
    if (value === undefined) return false;
    return Buffer.compare(toStoredMedia(fromStoredMedia(value), this.#mediaType), value) !== 0;
  }

  override async get(key: string): Promise<KeyValue | undefined> {
    const kv = await this.inner.get(key);
    return kv && this.#seen(kv);
  }

  override async range(request: RangeRequest): Promise<RangeResult> {
    const result = await this.inner.range(request);
    return { ...result, kvs: result.kvs.map((kv) => this.#seen(kv)) };
  }

  override create(key: string, value: Uint8Array, options?: LeaseOptions): Promise<WriteResult> {
    return this.#write(key, value, (stored) => this.inner.create(key, stored, options));
  }

  override update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: LeaseOptions,
  ): Promise<WriteResult> {
    return this.#write(key, value, (stored) => this.inner.update(key, stored, expectedModRevision, options));
  }

  override async delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    const result = await this.inner.delete(key, expectedModRevision);
    return result.ok ? { ...result, kv: this.#seen(result.kv) } : this.#refused(result);
  }

  override watch(request: WatchRequest): StoreWatch {
    return this.inner.watch({
      ...request,
      onEvents: (events) => request.onEvents(events.map((event) => this.#told(event))),
    });
  }

  async #write(
    key: string,
    value: Uint8Array,
    write: (stored: Uint8Array) => Promise<WriteResult>,
  ): Promise<WriteResult> {
    const stored = isBookkeeping(key) ? value : toStoredMedia(value, this.#mediaType);
    const result = await this.#own.during(key, stored, value, () => write(stored));
    return result.ok ? { ...result, kv: { ...result.kv, value } } : this.#refused(result);
  }

  #refused(result: WriteResult & { ok: false }): WriteResult {
    return result.current === undefined ? result : { ...result, current: this.#seen(result.current) };
  }

  #told(event: StoreEvent): StoreEvent {
    if (event.type === 'delete') return { ...event, kv: new LazyKeyValue(event.kv, (kv) => this.#seen(kv)) };
    const kv = { ...event.kv, value: this.#own.valueOf(event.kv) ?? this.#value(event.kv) };
    const { previous } = event;
    return previous === undefined
      ? { type: 'put', kv }
      : { type: 'put', kv, previous: new LazyKeyValue(previous, (old) => this.#seen(old)) };
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
