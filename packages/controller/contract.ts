import type { GroupVersionResource, KubeObject } from '@coxswain/machinery';

/** Calls made after the informer's store has changed; objects are shared and frozen. Must not throw. */
export interface EventHandler<T> {
  onAdd?(object: T): void;
  onUpdate?(before: T, after: T): void;
  onDelete?(object: T): void;
}

/** Reads of an informer's store; synchronous, no copies. */
export interface Lister<T> {
  get(namespace: string, name: string): T | undefined;
  /** By `namespace/name`, or `name` for cluster-scoped objects. */
  getByKey(key: string): T | undefined;
  /** All objects, or those of a namespace. */
  list(namespace?: string): readonly T[];
  /** Objects for which the named index function gave `value`. */
  byIndex(index: string, value: string): readonly T[];
}

/** A local copy of a resource, kept by list and watch. */
export interface Informer<T extends KubeObject = KubeObject> {
  readonly ref: GroupVersionResource;
  readonly lister: Lister<T>;
  /** Handlers added late get an `onAdd` for what is already there. */
  addHandler(handler: EventHandler<T>): void;
  /** Adds an index; do this before the informer starts. `podsByNode`: `(p) => [p.spec.nodeName ?? '']`. */
  addIndex(name: string, values: (object: T) => readonly string[]): void;
  readonly synced: boolean;
  /** Resolves when the first list is in the store; rejects when the signal aborts. */
  whenSynced(signal?: AbortSignal): Promise<void>;
}

export interface InformerOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Shares one informer a resource and selection among the controllers of a process. */
export interface InformerFactory {
  informer<T extends KubeObject = KubeObject>(
    ref: GroupVersionResource,
    options?: InformerOptions,
  ): Informer<T>;
  /** Starts those not yet started; may be called again. They stop when the signal aborts. */
  start(signal: AbortSignal): void;
  whenSynced(signal: AbortSignal): Promise<void>;
}

/** What a reconcile says: nothing (done), or come back after so many milliseconds. Throwing backs off. */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile may simply return nothing
export type ReconcileResult = void | { readonly requeueAfterMs: number };

/** Brings the state of one key towards what is wanted; reads state anew, acts idempotently. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult>;

/**
 * A queue of keys. Guarantees, as client-go's: a key is handled by one worker at a time; a key added while
 * handled is handled again after; a key added many times before it is handled is handled once.
 */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, ms: number): void;
  /** With per-key exponential back-off: 5 ms doubling to 1,000 s. */
  addRateLimited(key: string): void;
  forget(key: string): void;
  readonly length: number;
  /** Runs `reconcile` over the keys with so many workers until the signal aborts and the running ones end. */
  run(
    reconcile: Reconcile,
    options: { readonly workers: number; readonly signal: AbortSignal },
  ): Promise<void>;
}

export interface EventOptions {
  /** The part of the object that it is about, such as `spec.containers{web}`. */
  readonly fieldPath?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Records Events about objects, with upstream's aggregation and rate limits. Never throws, never waits. */
export interface EventRecorder {
  event(
    object: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: EventOptions,
  ): void;
}
