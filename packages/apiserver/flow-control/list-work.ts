import { selectedName } from '../access/authorization/selected-name.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ResourceCache } from '../storage/resource-cache.ts';

/** A list takes a seat for so many bytes it holds at once, as upstream counts. */
const bytesPerSeat = 100_000;
/** A list from the cache is streamed and never holds more. */
const heldAtMost = 1_000_000;
/** No list is wider. */
const widestList = 100;

/** Objects that are looked at to tell how large those of a resource are. */
const sampled = 64;
const resampleAfter = 10_000;

interface Sample {
  readonly revision: number;
  readonly count: number;
  readonly average: number;
}

const samples = new WeakMap<ResourceCache, Sample>();

/** The mean size of a resource's objects in bytes, from a sample; 0 where there are none. */
export function averageSize(cache: ResourceCache): number {
  const { size } = cache.index;
  if (size === 0) return 0;
  const known = samples.get(cache);
  const same = known !== undefined && cache.lastRevision - known.revision < resampleAfter;
  if (same && size < known.count * 2 && size * 2 > known.count) return known.average;
  let bytes = 0;
  let count = 0;
  cache.index.scan(cache.prefix, cache.prefix, (entry) => {
    bytes += entry.value.length;
    return ++count < sampled;
  });
  const average = Math.ceil(bytes / Math.max(1, count));
  samples.set(cache, { revision: cache.lastRevision, count: size, average });
  return average;
}

/** What of a query says how much a list reads. */
type ListQuery = Readonly<
  Partial<
    Record<
      | 'limit'
      | 'continue'
      | 'resourceVersion'
      | 'resourceVersionMatch'
      | 'sendInitialEvents'
      | 'fieldSelector'
      | 'labelSelector',
      string
    >
  >
>;

/** What of a request says what it lists. */
type ListRequest = Pick<RequestInfo, 'verb' | 'apiVersion' | 'resource' | 'name'>;

/**
 * How many seats a list takes, or a watch that begins with one.
 * @param levelMaximum the most seats of a request of the level; 0: nothing is said
 */
export function listSeats(
  resources: ResourceRegistry,
  request: ListRequest,
  query: ListQuery,
  levelMaximum: number,
): number {
  const most = levelMaximum === 0 ? widestList : Math.min(levelMaximum, widestList);
  const watch = request.verb === 'watch';
  if (watch && !beginsWithList(query)) return 1;
  const limit = Number(query.limit ?? 0);
  // It will be refused for that.
  if (!Number.isInteger(limit)) return most;
  const resource = resources.find(request.apiVersion, request.resource);
  // Another server's, or nobody's.
  if (resource === undefined) return 1;
  const { cache } = resource;
  const stored = cache.index.size;
  const taken = limit > 0 && limit < stored ? limit : stored;
  const cached = watch || isFromCache(query, limit);
  const selects = (query.fieldSelector ?? '') !== '' || (query.labelSelector ?? '') !== '';
  const one = request.name !== '' || selectedName(query.fieldSelector) !== '';
  const loaded = one ? 1 : !cached && selects ? Math.max(taken, Math.floor(stored / 2)) : taken;
  const bytes = loaded * averageSize(cache);
  const held = cached ? Math.min(bytes, heldAtMost) : bytes;
  return Math.min(most, Math.max(1, Math.ceil(held / bytesPerSeat)));
}

/** Watches of old begin with what there is unless they say from where. */
function beginsWithList({ sendInitialEvents, resourceVersion = '' }: ListQuery): boolean {
  if (resourceVersion === '' || resourceVersion === '0') return true;
  return sendInitialEvents !== undefined && !/^(false|0)$/i.test(sendInitialEvents);
}

/** Whether upstream answers it from its cache, whatever is done here: what a request costs is to be the same. */
function isFromCache(query: ListQuery, limit: number): boolean {
  const { resourceVersion = '', resourceVersionMatch = '' } = query;
  if (resourceVersionMatch !== '') return resourceVersionMatch === 'NotOlderThan';
  if ((query.continue ?? '') !== '') return false;
  return limit <= 0 || resourceVersion === '' || resourceVersion === '0';
}
