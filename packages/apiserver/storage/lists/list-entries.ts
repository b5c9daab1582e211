import { newBadRequest } from '@coxswain/machinery';
import type { Entry } from '../entry.ts';
import type { ResourceCache } from '../resource-cache.ts';
import type { WatchCache } from '../watch-cache.ts';
import { pageOfCache } from './cache-page.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { pageOfHistory } from './history-page.ts';
import type { LabelHint } from './label-index.ts';
import type { Page } from './page.ts';
import { pageOfOne } from './single-entry.ts';

/** What a list asks of the storage. */
export interface ListRequest {
  /** '' for all namespaces. */
  readonly namespace: string;
  /** Only this object; '' for all. */
  readonly name: string;
  /** Absent: everything matches. */
  readonly matches?: (entry: Entry) => boolean;
  /** Labels that everything which matches bears. */
  readonly labels?: readonly LabelHint[];
  readonly limit: number;
  readonly continue: string;
  /** '' for the newest state, '0' for any, else a revision. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}

/** A page of a list. */
export interface ListedEntries {
  readonly entries: readonly Entry[];
  readonly revision: number;
  /** Absent on the last page. */
  readonly continue?: string;
  /** Objects after this page; absent where it is not known. */
  readonly remaining?: number;
}

/** Lists as upstream's storage does; see the resource version table of the API concepts. */
export async function listEntries(
  watchCache: WatchCache,
  cache: ResourceCache,
  request: ListRequest,
): Promise<ListedEntries> {
  const prefix = request.namespace === '' ? cache.prefix : `${cache.prefix}${request.namespace}/`;
  const key = keyOfOne(cache, request, prefix);
  const page =
    key === undefined
      ? await pageOf(watchCache, cache, request, prefix)
      : await pageOfOne(watchCache, cache, key, request);
  const { entries, revision, more, remaining } = page;
  const last = entries.at(-1);
  if (!more || last === undefined) return { entries, revision };
  return {
    entries,
    revision,
    // Upstream goes on right behind the last one, whatever will be there by then.
    continue: encodeContinue({ revision, start: `/${last.key.slice(prefix.length)}\0` }),
    ...(selectsAll(request) ? { remaining } : {}),
  };
}

/** The key of the only object that can be wanted, where that is known. */
function keyOfOne(
  cache: ResourceCache,
  { name, namespace }: ListRequest,
  prefix: string,
): string | undefined {
  return name === '' || (cache.namespaced && namespace === '') ? undefined : prefix + name;
}

function selectsAll({ name, matches }: ListRequest): boolean {
  return name === '' && matches === undefined;
}

async function pageOf(
  watchCache: WatchCache,
  cache: ResourceCache,
  request: ListRequest,
  prefix: string,
): Promise<Page> {
  const { name, matches, labels } = request;
  const { from, exact, atLeast } = beginningOf(request, prefix);
  // Any state will do, and all of it: upstream's cache pages no such list.
  const limit = request.resourceVersion === '0' ? 0 : Math.max(0, request.limit);
  const version = Math.max(exact, atLeast);
  const { counts: counted } = cache;
  if (version > watchCache.revision) await watchCache.waitUntilFresh(version, counted.readWaits);
  else if (atLeast > 0 && exact === 0) counted.readWaits.observe(0);
  if (labels !== undefined && labels.length > 0) {
    const indexing = cache.indexLabels();
    if (indexing !== undefined) await indexing;
  }
  const wanted = selectsAll(request)
    ? undefined
    : (entry: Entry): boolean =>
        (name === '' || cache.nameOf(entry.key) === name) && (matches === undefined || matches(entry));
  const isCached = exact === 0 || exact >= cache.lastRevision;
  const revision = exact === 0 ? watchCache.revision : exact;
  const query = { prefix, from, limit, revision, wanted };
  const page = isCached
    ? await pageOfCache(cache, query, labels)
    : await pageOfHistory(watchCache, query, request.continue);
  if (request.resourceVersion === '' && request.continue === '') {
    counted.consistentReads++;
    // Where others write to the store, the request has waited for them and counted that.
    if (watchCache.store.readRevision === undefined) counted.readWaits.observe(0);
  }
  const counts = isCached ? counted.fromCache : counted.fromStore;
  counts.lists++;
  counts.fetched += page.looked;
  counts.returned += page.entries.length;
  return page;
}

/** Where and when a list begins. */
interface Beginning {
  readonly from: string;
  /** It is of this very revision; 0: of any that is new enough. */
  readonly exact: number;
  readonly atLeast: number;
}

function beginningOf(request: ListRequest, prefix: string): Beginning {
  const { resourceVersion: asked, resourceVersionMatch: match, limit } = request;
  if (request.continue !== '') {
    const token = decodeContinue(request.continue);
    if (asked !== '' && asked !== '0') {
      throw newBadRequest('specifying resource version is not allowed when using continue');
    }
    return { from: prefix + token.start, exact: Math.max(0, token.revision), atLeast: 0 };
  }
  const version = Number(asked);
  const isExact = match === 'Exact' || (match === '' && limit > 0);
  return { from: prefix, exact: isExact ? version : 0, atLeast: version };
}
