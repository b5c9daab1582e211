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
export { CompactedError, DataDirError, FutureRevisionError } from './contract.ts';
