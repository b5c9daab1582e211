import type { ResourceClient } from '@coxswain/client';
import type { Clock, GroupVersionResource, KubeObject, Logger } from '@coxswain/machinery';
import type { EventHandler, Informer, InformerOptions, Lister } from './contract.ts';
import { IndexedStore, keyOf } from './indexed-store.ts';
import { Reflector } from './reflector.ts';

export interface SharedInformerOptions<T extends KubeObject> {
  readonly client: ResourceClient<T>;
  readonly selection: InformerOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
  /** See `ReflectorOptions.streamed`. */
  readonly streamed?: boolean;
}

/** An informer with any number of handlers. A handler that throws is logged, and the others still called. */
export class SharedInformer<T extends KubeObject = KubeObject> implements Informer<T> {
  readonly ref: GroupVersionResource;
  readonly #store = new IndexedStore<T>();
  readonly #handlers: EventHandler<T>[] = [];
  readonly #logger: Logger;
  readonly #reflector: Reflector<T>;
  readonly #firstList = Promise.withResolvers<void>();
  #synced = false;
  #running: Promise<void> | undefined;

  constructor(options: SharedInformerOptions<T>) {
    const { client, selection, clock, logger, random, streamed = false } = options;
    this.ref = client.ref;
    this.#logger = logger;
    const { labelSelector, fieldSelector } = selection;
    this.#reflector = new Reflector({
      client,
      clock,
      logger,
      streamed,
      ...(random === undefined ? {} : { random }),
      selection: {
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
      sink: {
        replace: (objects) => this.#replace(objects),
        apply: (type, object) => this.#apply(type, object),
      },
    });
  }

  get lister(): Lister<T> {
    return this.#store;
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** Revision up to which the store has seen the resource; '' before the first list. */
  get lastResourceVersion(): string {
    return this.#reflector.lastResourceVersion;
  }

  addHandler(handler: EventHandler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.#store.list()) this.#call(() => handler.onAdd?.(object));
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    this.#store.addIndex(name, values);
  }

  /** Starts once; resolves when the signal has aborted and the watch has ended. */
  run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#reflector.run(signal);
    return this.#running;
  }

  whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#synced || signal === undefined) return this.#firstList.promise;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void this.#firstList.promise.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    return promise;
  }

  #replace(objects: readonly T[]): void {
    const fresh = new Set<string>();
    for (const object of objects) fresh.add(keyOf(object));
    for (const key of [...this.#store.keys()]) if (!fresh.has(key)) this.#delete(key);
    for (const object of objects) this.#put(object);
    if (this.#synced) return;
    this.#synced = true;
    this.#firstList.resolve();
  }

  #apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    if (type === 'DELETED') this.#delete(keyOf(object), object);
    else this.#put(object);
  }

  #put(object: T): void {
    const before = this.#store.set(keyOf(object), object);
    if (before === undefined) this.#each((handler) => handler.onAdd?.(object));
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion) {
      this.#each((handler) => handler.onUpdate?.(before, object));
    }
  }

  /** Handlers get the last state where the watch told it, else the last one known. */
  #delete(key: string, last?: T): void {
    const before = this.#store.delete(key);
    if (before === undefined) return;
    const object = last ?? before;
    this.#each((handler) => handler.onDelete?.(object));
  }

  #each(call: (handler: EventHandler<T>) => void): void {
    for (const handler of this.#handlers) this.#call(() => call(handler));
  }

  #call(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error('an event handler failed', { resource: this.ref.resource, error });
    }
  }
}
