import type { RequestQuery } from '../registry/context.ts';
import type { ResourceRegistry, ServedResource } from '../registry/resource-registry.ts';
import type { ResourceCache } from '../storage/resource-cache.ts';
import type { FlowRequest } from './matches.ts';

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

/** How many seats a request takes: one, but for lists and watches that begin with one. */
export function seatsOf(
  resources: ResourceRegistry,
  request: FlowRequest & { readonly apiVersion: string; readonly name: string },
  query: RequestQuery,
  levelMaximum: number,
): number {
  if (request.verb !== 'list' && (request.verb !== 'watch' || query['sendInitialEvents'] !== 'true'))
    return 1;
  if (!request.resourceRequest || request.name !== '' || namesOne(query['fieldSelector'])) return 1;
  const resource: ServedResource | undefined = resources.find(request.apiVersion, request.resource);
  if (resource === undefined || request.subresource !== '') return 1;
  const { cache } = resource;
  const stored = cache.index.size;
  const limit = Number(query['limit'] ?? 0);
  const count = limit > 0 && limit < stored ? limit : stored;
  const held = Math.min(count * averageSize(cache), heldAtMost);
  const most = levelMaximum === 0 || levelMaximum > widestList ? widestList : levelMaximum;
  return Math.min(most, Math.max(1, Math.ceil(held / bytesPerSeat)));
}

function namesOne(fieldSelector: string | undefined): boolean {
  return fieldSelector?.startsWith('metadata.name=') === true && !fieldSelector.includes(',');
}
