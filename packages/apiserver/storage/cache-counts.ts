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
  readonly fromCache: ListCounts = { lists: 0, fetched: 0, returned: 0 };
  /** Lists of older states. */
  readonly fromStore: ListCounts = { lists: 0, fetched: 0, returned: 0 };
}
