import { type Clock, type Logger, newInternalError } from '@coxswain/machinery';
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
import { ForwardingStore, type LeaseOptions } from '../layers/forwarding-store.ts';
import { LazyKeyValue } from '../layers/lazy-key-value.ts';
import { OwnWrites } from '../own-writes.ts';
import { unreadableValue } from '../unreadable.ts';
import type { Encryption } from './encryption.ts';
import type { EncryptionMetrics } from './encryption-metrics.ts';
import { KmsCallError } from './kms/kms-call-error.ts';
import type { ProviderChain } from './provider-chain.ts';
import { storedResource } from './stored-resource.ts';
import { TransformError } from './transformer.ts';

/** How long a value waits for a KMS that does not answer before it is tried again. */
const retryMs = 1_000;

/** A store whose values are encrypted as a configuration says; whoever reads them here sees them as they were. */
export class EncryptedStore extends ForwardingStore {
  readonly #encryption: () => Encryption;
  readonly #keyPrefix: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: EncryptionMetrics | undefined;
  readonly #own = new OwnWrites();

  /**
   * @param encryption the configuration of the moment
   * @param keyPrefix what keys begin with where the values are, in place of `/registry`: values are bound to them
   */
  constructor(
    store: Store,
    encryption: () => Encryption,
    keyPrefix: string,
    clock: Clock,
    logger: Logger,
    metrics?: EncryptionMetrics,
  ) {
    super(store);
    this.#metrics = metrics;
    this.#encryption = encryption;
    this.#keyPrefix = keyPrefix;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Whether the value of a key would be stored otherwise if it were written now.
   * @throws StatusError where the KMS that would know does not answer
   */
  async isStale(key: string): Promise<boolean> {
    const chain = this.#chainOf(key);
    if (chain === undefined) return false;
    const stored = await this.inner.get(key);
    if (stored === undefined) return false;
    try {
      return await chain.isStale(stored.value, this.#authenticated(key));
    } catch (error) {
      throw newInternalError((error as Error).message);
    }
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
    /** Events wait behind those before them; undefined while none does. */
    let before: Promise<void> | undefined;
    const inOrder = (next: () => void | Promise<void>): void => {
      const running = before === undefined ? next() : before.then(next);
      if (!(running instanceof Promise)) return;
      const done: Promise<void> = running.then(() => {
        if (before === done) before = undefined;
      });
      before = done;
    };
    const { onEvents, onProgress, onEnd } = request;
    return this.inner.watch({
      ...request,
      onEvents: (events) =>
        inOrder(() => {
          const told = this.#allTold(events);
          return told instanceof Promise ? told.then(onEvents) : onEvents(told);
        }),
      ...(onProgress === undefined
        ? {}
        : { onProgress: (revision: number) => inOrder(() => onProgress(revision)) }),
      onEnd: (error) => inOrder(() => onEnd(error)),
    });
  }

  async #write(
    key: string,
    value: Uint8Array,
    write: (stored: Uint8Array) => Promise<WriteResult>,
  ): Promise<WriteResult> {
    const stored = await this.#stored(key, value);
    if (stored === undefined || stored === value) {
      const result = await write(value);
      return result.ok ? result : this.#refused(result);
    }
    const result = await this.#own.during(key, stored, value, () => write(stored));
    return result.ok ? { ...result, kv: { ...result.kv, value } } : this.#refused(result);
  }

  /** The value as it is to be stored; undefined where it is stored as it is. */
  async #stored(key: string, value: Uint8Array): Promise<Uint8Array | undefined> {
    const chain = this.#chainOf(key);
    if (chain === undefined) return undefined;
    const began = this.#begin();
    try {
      const stored = await chain.toStored(value, this.#authenticated(key));
      this.#count(began, key, 'to_storage', stored, 'OK');
      return stored;
    } catch (error) {
      this.#count(began, key, 'to_storage', undefined, codeOf(error));
      throw newInternalError((error as Error).message);
    }
  }

  #begin(): number {
    return this.#metrics?.begin() ?? 0;
  }

  #count(
    began: number,
    key: string,
    type: 'from_storage' | 'to_storage',
    stored: Uint8Array | undefined,
    status: string,
  ): void {
    const resource = this.#metrics && storedResource(key);
    if (resource !== undefined) this.#metrics?.done(began, resource, type, stored, status);
  }

  async #refused(result: WriteResult & { ok: false }): Promise<WriteResult> {
    return result.current === undefined ? result : { ...result, current: await this.#seen(result.current) };
  }

  #allTold(events: readonly StoreEvent[]): readonly StoreEvent[] | Promise<readonly StoreEvent[]> {
    const told = events.map((event) => this.#told(event));
    return told.some((event) => event instanceof Promise) ? Promise.all(told) : (told as StoreEvent[]);
  }

  #told(event: StoreEvent): StoreEvent | Promise<StoreEvent> {
    const chain = this.#chainOf(event.kv.key);
    if (chain === undefined) return event;
    if (event.type === 'delete') {
      const kv = this.#before(event.kv, chain);
      return kv instanceof Promise ? kv.then((seen) => ({ ...event, kv: seen })) : { ...event, kv };
    }
    const own = this.#own.valueOf(event.kv);
    const kv = own === undefined ? this.#seen(event.kv) : { ...event.kv, value: own };
    const previous = event.previous && this.#before(event.previous, chain);
    if (kv instanceof Promise || previous instanceof Promise) {
      return Promise.all([kv, previous]).then(([now, was]) => put(now, was));
    }
    return put(kv, previous);
  }

  /** The state before an event, which most watchers know: it is decrypted for the first who looks, if that can be. */
  #before(kv: KeyValue, chain: ProviderChain): KeyValue | Promise<KeyValue> {
    return chain.remote ? this.#seen(kv) : new LazyKeyValue(kv, (stored) => this.#seen(stored) as KeyValue);
  }

  #seen(kv: KeyValue): KeyValue | Promise<KeyValue> {
    const chain = this.#chainOf(kv.key);
    if (chain === undefined) return kv;
    const { value } = kv;
    const began = this.#begin();
    try {
      const seen = chain.fromStored(value, this.#authenticated(kv.key));
      if (seen instanceof Promise) {
        return seen.then(
          (plain) => this.#plain(began, kv, plain),
          (error: unknown) => this.#unseen(began, kv, error),
        );
      }
      return this.#plain(began, kv, seen);
    } catch (error) {
      return this.#unseen(began, kv, error);
    }
  }

  #plain(began: number, kv: KeyValue, value: Uint8Array): KeyValue {
    this.#count(began, kv.key, 'from_storage', kv.value, 'OK');
    return value === kv.value ? kv : { ...kv, value };
  }

  /** A value that cannot be read keeps the others from nothing; one whose KMS does not answer is waited for. */
  #unseen(began: number, kv: KeyValue, error: unknown): KeyValue | Promise<KeyValue> {
    const { key } = kv;
    this.#count(began, key, 'from_storage', kv.value, codeOf(error));
    this.#logger.error('a stored value cannot be decrypted', { key, error: String(error) });
    if (error instanceof TransformError) return { ...kv, value: unreadableValue(key, error) };
    return this.#clock.sleep(retryMs).then(() => this.#seen(kv));
  }

  /** Undefined for what is not encrypted, whatever the configuration: what servers keep beside objects. */
  #chainOf(key: string): ProviderChain | undefined {
    const resource = storedResource(key);
    return resource === undefined ? undefined : this.#encryption().chainOf(resource);
  }

  #authenticated(key: string): string {
    return this.#keyPrefix + key.slice('/registry'.length);
  }
}

/** gRPC's code where a plugin failed; upstream's word where it was nothing of gRPC. */
function codeOf(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof KmsCallError ? cause.grpcCode : 'unknown-non-grpc';
}

function put(kv: KeyValue, previous: KeyValue | undefined): StoreEvent {
  return previous === undefined ? { type: 'put', kv } : { type: 'put', kv, previous };
}
