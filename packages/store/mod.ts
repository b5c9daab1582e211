export type {
  KeyValue,
  RangeRequest,
  RangeResult,
  SnapshotStore,
  Store,
  StoreEvent,
  StoreWatch,
  WatchRequest,
  WriteResult,
} from './contract.ts';
export {
  CompactedError,
  DataDirError,
  FutureRevisionError,
  isStoreTimeout,
  StoreClosedError,
  StoreWriteError,
} from './contract.ts';
export type { EmbeddedStoreOptions } from './embedded-store.ts';
export { EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';
export { eventRevision } from './event-log.ts';
export type { MemoryStoreOptions } from './memory-store.ts';
export { MemoryStore, restoreMemoryStore } from './memory-store.ts';
export type { RestoreOptions } from './snapshot/restore-snapshot.ts';
export { restoreSnapshot } from './snapshot/restore-snapshot.ts';
export { saveSnapshot, snapshotStatus } from './snapshot/save-snapshot.ts';
export { SnapshotError } from './snapshot/snapshot.ts';
export type { SnapshotSummary } from './snapshot/snapshot-file.ts';
export type { ScanResult } from './sorted-map.ts';
export { prefixEnd, SortedMap } from './sorted-map.ts';
