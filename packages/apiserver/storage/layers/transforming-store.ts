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
import { ForwardingStore, type LeaseOptions } from './forwarding-store.ts';
import { LazyKeyValue } from './lazy-key-value.ts';
import { watchInOrder } from './ordered-watch.ts';
import { OwnWrites } from './own-writes.ts';
import type { StorageTransformer } from './storage-transformer.ts';

/** A store whose values are in another form in the inner one; whoever reads them here sees them as they were given. */
export class TransformingStore extends ForwardingStore {
  readonly #transformer: StorageTransformer;
  readonly #own = new OwnWrites();

  constructor(store: Store, transformer: StorageTransformer) {
    super(store);
    this.#transformer = transformer;
  }

  /**
   * Whether the value of a key would be stored otherwise if it were written now.
   * @throws StatusError where who would know does not answer
   */
  async isStale(key: string): Promise<boolean> {
    if (this.#transformer.passage(key) === 'unchanged') return false;
    const stored = await this.inner.get(key);
    return stored !== undefined && this.#transformer.isStale(key, stored.value);
  }

  override async get(key: string): Promise<KeyValue | undefined> {
    const kv = await this.inner.get(key);
    return kv && this.#seen(kv);
  }

  override async range(request: RangeRequest): Promise<RangeResult> {
    const result = await this.inner.range(request);
    const kvs: KeyValue[] = [];
    for (const kv of result.kvs) {
      const seen = this.#seen(kv);
      kvs.push(seen instanceof Promise ? await seen : seen);
    }
    return { ...result, kvs };
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
    return result.ok ? { ...result, kv: await this.#seen(result.kv) } : this.#refused(result);
  }

  override watch(request: WatchRequest): StoreWatch {
    return watchInOrder(this.inner, request, (events) => this.#allTold(events));
  }

  async #write(
    key: string,
    value: Uint8Array,
    write: (stored: Uint8Array) => Promise<WriteResult>,
  ): Promise<WriteResult> {
    if (this.#transformer.passage(key) === 'unchanged') return write(value);
    const transformed = this.#transformer.toStorage(key, value);
    const stored = transformed instanceof Promise ? await transformed : transformed;
    const result = await this.#own.during(key, stored, value, () => write(stored));
    return result.ok ? { ...result, kv: { ...result.kv, value } } : this.#refused(result);
  }

  async #refused(result: WriteResult & { ok: false }): Promise<WriteResult> {
    return result.current === undefined ? result : { ...result, current: await this.#seen(result.current) };
  }

  #allTold(events: readonly StoreEvent[]): readonly StoreEvent[] | Promise<readonly StoreEvent[]> {
    const told = events.map((event) => this.#told(event));
    return told.some((event) => event instanceof Promise) ? Promise.all(told) : (told as StoreEvent[]);
  }

  #told(event: StoreEvent): StoreEvent | Promise<StoreEvent> {
    const passage = this.#transformer.passage(event.kv.key);
    if (passage === 'unchanged') return event;
    // Most watchers know the state before an event: it is read for the first who looks, if that can be.
    const before = (kv: KeyValue): KeyValue | Promise<KeyValue> =>
      passage === 'remote'
        ? this.#seen(kv)
        : new LazyKeyValue(kv, (stored) => this.#seen(stored) as KeyValue);
    if (event.type === 'delete') {
      const kv = before(event.kv);
      return kv instanceof Promise ? kv.then((seen) => ({ ...event, kv: seen })) : { ...event, kv };
    }
    const own = this.#own.valueOf(event.kv);
    const kv = own === undefined ? this.#read(event.kv) : { ...event.kv, value: own };
    const previous = event.previous && before(event.previous);
    if (kv instanceof Promise || previous instanceof Promise) {
      return Promise.all([kv, previous]).then(([now, was]) => put(now, was));
    }
    return put(kv, previous);
  }

  #seen(kv: KeyValue): KeyValue | Promise<KeyValue> {
    return this.#transformer.passage(kv.key) === 'unchanged' ? kv : this.#read(kv);
  }

  #read(kv: KeyValue): KeyValue | Promise<KeyValue> {
    const value = this.#transformer.fromStorage(kv.key, kv.value);
    return value instanceof Promise ? value.then((read) => withValue(kv, read)) : withValue(kv, value);
  }
}

function withValue(kv: KeyValue, value: Uint8Array): KeyValue {
  return value === kv.value ? kv : { ...kv, value };
}

function put(kv: KeyValue, previous: KeyValue | undefined): StoreEvent {
  return previous === undefined ? { type: 'put', kv } : { type: 'put', kv, previous };
}
