import { Histogram } from '@coxswain/machinery';

/** Upstream's bounds of how long a read waits, in seconds. */
const waits = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3];

/** Lists that were answered, and the objects for them. */
export interface ListCounts {
  lists: number;
  /** Objects that were looked at. */
  fetched: number;
  returned: number;
}

/** What was done with the cache of a resource since the start; told by the metrics. */
export class CacheCounts {
  /** Objects that were there at the start. */
  initial = 0;
  /** Events of the store. */
  events = 0;
  /** How often it was read from the store as a whole: at the start, and after its watch was lost. */
  initializations = 1;
  /** Lists of the newest state that the cache answered. */
  consistentReads = 0;
  /** Those that it could not answer, for it did not come to know the newest state in time. */
  consistentFailures = 0;
  /** How long lists waited for a state that is new enough. */
  readonly readWaits = new Histogram(waits);
  readonly fromCache: ListCounts = { lists: 0, fetched: 0, returned: 0 };
  /** Lists of older states. */
  readonly fromStore: ListCounts = { lists: 0, fetched: 0, returned: 0 };
}
