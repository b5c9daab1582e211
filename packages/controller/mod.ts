export { Backoff } from './backoff.ts';
export type {
  EventHandler,
  EventOptions,
  EventRecorder,
  Informer,
  InformerFactory,
  InformerOptions,
  Lister,
  Reconcile,
  ReconcileResult,
  WorkQueue,
} from './contract.ts';
export type { EventRecorderOptions } from './event-recorder.ts';
export { createEventRecorder } from './event-recorder.ts';
export type { FakeTransportOptions } from './fake-transport.ts';
export { FakeTransport } from './fake-transport.ts';
export { IndexedStore, keyOf } from './indexed-store.ts';
export type { InformerFactoryOptions } from './informer-factory.ts';
export { createInformerFactory } from './informer-factory.ts';
export type { LeaderElectorOptions } from './leader-elector.ts';
export { LeaderElector } from './leader-elector.ts';
export { LruCache } from './lru-cache.ts';
export type { ReflectorOptions, ReflectorSink } from './reflector.ts';
export { Reflector } from './reflector.ts';
export type { SharedInformerOptions } from './shared-informer.ts';
export { SharedInformer } from './shared-informer.ts';
export type { WorkQueueOptions } from './work-queue.ts';
export { createWorkQueue } from './work-queue.ts';
