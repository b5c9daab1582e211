import type { Clock, GroupResource, Histogram, Logger } from '@coxswain/machinery';
import { newStatusError, silentLogger } from '@coxswain/machinery';
import type { KeyValue, Store, StoreEvent, StoreWatch } from '@coxswain/store';
import { differences } from './differences.ts';
import { type Entry, entryPools } from './entry.ts';
import { storagePrefix } from './keys.ts';
import { ResourceCache } from './resource-cache.ts';

/** All keys of the cluster begin with it. */
const everything = '/registry/';

/** How long a read waits for a revision that has not come yet, as upstream's cacher does. */
const freshnessTimeoutMs = 3000;

/** Parsed objects may take so much memory, as far as it is known: 10,000 pods of 6 KB. */
const objectBytes = 192 * 1024 * 1024;
/** Objects in protobuf and compressed: 10,000 pods in both. */
const encodingBytes = 64 * 1024 * 1024;

/** What a resource needs of its cache. */
export interface CachedResource extends GroupResource {
  readonly namespaced: boolean;
  /** Not built in: the keys carry the group. */
  readonly custom?: boolean;
  /** The value of the field by which watchers are indexed (pods: `spec.nodeName`). */
  readonly trigger?: (entry: Entry) => string;
}

/**
 * All objects of the store in memory, by resource, in step with the store: an object is in here before its
 * write is acknowledged, and events are delivered in revision order.
 */
export class WatchCache {
  readonly store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #caches = new Map<string, ResourceCache>();
  /** What was loaded or arrived for resources nobody has asked for yet, by first key segment and key. */
  readonly #unclaimed = new Map<string, Map<string, KeyValue>>();
  readonly #waiting: { revision: number; wake: () => void }[] = [];
  readonly #pools = entryPools(objectBytes, encodingBytes);
  #revision = 0;
  /** The revision that was loaded at the start. */
  #loaded = 0;
  #watch: StoreWatch | undefined;
  #onEnd: (error?: Error) => void = () => {};
  /** The read of the store's revision that is under way, and the one to come. */
  #reading: Promise<void> = Promise.resolve();
  #nextRead: Promise<void> | undefined;

  constructor(store: Store, clock: Clock, logger: Logger = silentLogger) {
    this.store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Revision up to which everything is in the cache. */
  get revision(): number {
    return this.#revision;
  }

  /** Loads the store and follows it. `onEnd` is called when the store ends the watch by itself. */
  async start(onEnd: (error?: Error) => void): Promise<void> {
    this.#onEnd = onEnd;
    const { kvs, revision } = await this.store.range({ prefix: everything });
    for (const kv of kvs) this.#keepUnclaimed(kv);
    this.#revision = revision;
    this.#loaded = revision;
    this.#follow();
  }

  #follow(): void {
    this.#watch = this.store.watch({
      prefix: everything,
      afterRevision: this.#revision,
      onEvents: (events) => this.#onEvents(events),
      ...(this.store.readRevision === undefined
        ? {}
        : { onProgress: (revision: number) => this.#advance(revision) }),
      onEnd: (error) => this.#onEnd(error),
    });
  }

  /**
   * Takes up a watch that ended: tells of what differs between the cache and the store, then follows it again. As it
   * is not known what objects went through meanwhile, clients' watches end, and can begin again with what is there.
   */
  async resume(): Promise<void> {
    const { kvs, revision } = await this.store.range({ prefix: everything });
    for (const cache of this.#caches.values()) cache.gap(revision);
    for (const cache of this.#caches.values()) cache.counts.initializations++;
    this.#onEvents(differences(this.#contents(), kvs, revision));
    this.#advance(revision);
    this.#follow();
  }

  *#contents(): Generator<KeyValue> {
    for (const cache of this.#caches.values()) {
      for (const { key, value, revision } of cache.index.values(cache.prefix)) {
        yield { key, value, createRevision: 0, modRevision: revision };
      }
    }
    for (const group of this.#unclaimed.values()) yield* group.values();
  }

  close(): void {
    this.#onEnd = () => {};
    this.#watch?.close();
  }

  /**
   * Resolves when the cache has all that was acknowledged before the call by any server of the store;
   * undefined where it always has.
   */
  freshen(): Promise<void> | undefined {
    if (this.store.readRevision === undefined) return undefined;
    // A read that is under way may have been answered before this call: the next one serves all who come now.
    this.#nextRead ??= this.#read();
    return this.#nextRead;
  }

  async #read(): Promise<void> {
    await this.#reading;
    const reading = this.store.readRevision?.() ?? Promise.resolve(0);
    this.#nextRead = undefined;
    this.#reading = reading.then(
      () => undefined,
      () => undefined,
    );
    await this.waitUntilFresh(await reading);
  }

  /** The cache of a resource; the first call claims what was loaded for it. */
  resource(resource: CachedResource): ResourceCache {
    const prefix = storagePrefix(resource, resource.custom);
    let cache = this.#caches.get(prefix);
    // A custom resource may come back with another scope; its objects are gone by then.
    if (cache !== undefined && cache.namespaced !== resource.namespaced && cache.index.size === 0) {
      cache = undefined;
    }
    if (cache === undefined) {
      cache = new ResourceCache(
        prefix,
        resource.namespaced,
        this.#revision,
        (error) => this.#logger.error('a subscriber failed on an event', { prefix, error: faultText(error) }),
        resource.trigger,
        // What custom resources are converted to is known by the object itself, which must stay.
        resource.custom === true ? undefined : this.#pools,
        // What was defined since the start had no objects before; a history of before a start is still told.
        resource.custom === true && this.#revision > this.#loaded ? this.#revision : 0,
      );
      const unclaimed = this.#unclaimed.get(firstSegment(prefix));
      for (const [key, kv] of unclaimed ?? []) {
        if (!key.startsWith(prefix)) continue;
        cache.load(kv);
        unclaimed?.delete(key);
      }
      this.#caches.set(prefix, cache);
    }
    return cache;
  }

  #onEvents(events: readonly StoreEvent[]): void {
    for (const event of events) {
      const { key } = event.kv;
      this.#revision = event.type === 'put' ? event.kv.modRevision : event.revision;
      const cache = this.#cacheOf(key);
      if (cache !== undefined) cache.deliver(cache.apply(event));
      else if (event.type === 'put') this.#keepUnclaimed(event.kv);
      else this.#unclaimed.get(firstSegment(key))?.delete(key);
    }
    this.#wake();
  }

  #advance(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#wake();
  }

  #keepUnclaimed(kv: KeyValue): void {
    const segment = firstSegment(kv.key);
    const group = this.#unclaimed.get(segment);
    if (group === undefined) this.#unclaimed.set(segment, new Map([[kv.key, kv]]));
    else group.set(kv.key, kv);
  }

  #cacheOf(key: string): ResourceCache | undefined {
    // Prefixes have one segment after /registry/ or two: /registry/pods/, /registry/services/specs/.
    const first = firstSegment(key);
    const one = this.#caches.get(first);
    if (one !== undefined) return one;
    const second = key.indexOf('/', first.length) + 1;
    return second > 0 ? this.#caches.get(key.slice(0, second)) : undefined;
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const revision = this.#revision;
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const waiter = this.#waiting[i] as { revision: number; wake: () => void };
      if (waiter.revision > revision) continue;
      this.#waiting.splice(i, 1);
      waiter.wake();
    }
  }

  /** Resolves when the write of that revision is in the cache. */
  applied(revision: number): Promise<void> | undefined {
    if (this.#revision >= revision) return undefined;
    return new Promise((wake) => this.#waiting.push({ revision, wake }));
  }

  /**
   * Resolves when the cache is at least that fresh; throws upstream's 504 when it does not become so.
   * @param waits where it is counted how long that took
   */
  async waitUntilFresh(revision: number, waits?: Histogram): Promise<void> {
    if (this.revision >= revision) return;
    const began = this.#clock.monotonic();
    await new Promise<void>((resolve) => {
      const waiter = {
        revision,
        wake: () => {
          timer.cancel();
          resolve();
        },
      };
      const timer = this.#clock.after(freshnessTimeoutMs, () => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve();
      });
      this.#waiting.push(waiter);
    });
    waits?.observe((this.#clock.monotonic() - began) / 1000);
    if (this.revision < revision) throw tooLargeResourceVersion(revision, this.revision, 1);
  }
}

function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** `/registry/pods/` of a key below it. */
function firstSegment(key: string): string {
  return key.slice(0, key.indexOf('/', '/registry/'.length) + 1);
}

/**
 * The read asks for a revision that does not exist yet.
 *
 * @param retryAfterSeconds when it may be asked again; 0: nothing is said of that
 */
export function tooLargeResourceVersion(asked: number, current: number, retryAfterSeconds: number): Error {
  return newStatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  });
}
