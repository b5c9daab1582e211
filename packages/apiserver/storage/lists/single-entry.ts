import { Entry } from '../entry.ts';
import type { ResourceCache } from '../resource-cache.ts';
import { tooLargeResourceVersion, type WatchCache } from '../watch-cache.ts';
import { rangeOf } from './history-page.ts';
import type { ListRequest } from './list-entries.ts';
import type { Page } from './page.ts';

/**
 * The list of one object by its key, which upstream reads as a get: tokens mean nothing, and only `Exact` asks for a
 * state of before.
 */
export async function pageOfOne(
  watchCache: WatchCache,
  cache: ResourceCache,
  key: string,
  request: ListRequest,
): Promise<Page> {
  const { matches, limit, resourceVersion: asked, resourceVersionMatch: match } = request;
  const version = Number(asked);
  const exact = match === 'Exact' && version > 0;
  if (!exact && version > watchCache.revision) {
    // What upstream asks etcd for is there or not; only its cache is waited for.
    if (match === '' && limit > 0) throw tooLargeResourceVersion(version, watchCache.revision, 0);
    await watchCache.waitUntilFresh(version);
  }
  const revision = exact ? version : watchCache.revision;
  const isCached = !exact || (version >= cache.lastRevision && version <= watchCache.revision);
  const entry = isCached ? cache.index.get(key) : await entryAt(watchCache, key, version);
  const there = entry !== undefined && (matches === undefined || matches(entry));
  return { revision, entries: there ? [entry] : [], more: false, remaining: 0, looked: 1 };
}

async function entryAt(watchCache: WatchCache, key: string, revision: number): Promise<Entry | undefined> {
  const { kvs } = await rangeOf(watchCache, { prefix: key, revision, limit: 1 }, '');
  const [first] = kvs;
  // Others may begin with the same.
  return first?.key === key ? Entry.of(first) : undefined;
}
