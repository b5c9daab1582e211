import { newBadRequest, newStatusError, StatusError } from '@coxswain/machinery';
import { CompactedError, FutureRevisionError, type RangeResult } from '@coxswain/store';
import { Entry } from '../entry.ts';
import type { ResourceCache } from '../resource-cache.ts';
import { tooLargeResourceVersion, type WatchCache } from '../watch-cache.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import type { LabelHint } from './label-index.ts';

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

interface Page {
  readonly revision: number;
  readonly entries: Entry[];
  /** First key that was not looked at; absent at the end. */
  readonly next: string | undefined;
  readonly remaining: number;
  /** Objects that were looked at. */
  readonly looked: number;
}

/** Lists as upstream's storage does; see the resource version table of the API concepts. */
export async function listEntries(
  watchCache: WatchCache,
  cache: ResourceCache,
  request: ListRequest,
): Promise<ListedEntries> {
  const prefix = request.namespace === '' ? cache.prefix : `${cache.prefix}${request.namespace}/`;
  const asked = request.resourceVersion;
  let revision = 0;
  let from = prefix;
  let limit = Math.max(0, request.limit);
  if (request.continue !== '') {
    const token = decodeContinue(request.continue);
    if (asked !== '' && asked !== '0') {
      throw newBadRequest('specifying resource version is not allowed when using continue');
    }
    if (asked === '0') limit = 0;
    from = prefix + token.start;
    revision = Math.max(0, token.revision);
  } else if (asked !== '') {
    const version = Number(asked);
    if (version === 0) {
      // Any state will do, and all of it: upstream's cache pages no such list.
      limit = 0;
    } else if (
      request.resourceVersionMatch === 'Exact' ||
      (request.resourceVersionMatch === '' && limit > 0)
    ) {
      revision = version;
    } else {
      const wait = watchCache.waitUntilFresh(version);
      if (watchCache.revision < version) await wait;
    }
  }
  if (request.labels !== undefined && request.labels.length > 0) {
    const indexing = cache.indexLabels();
    if (indexing !== undefined) await indexing;
  }
  const matches = request.matches;
  const single = request.name === '' ? undefined : request.name;
  const all = single === undefined && matches === undefined;
  const wanted = (entry: Entry): boolean =>
    (single === undefined || cache.nameOf(entry.key) === single) && (matches === undefined || matches(entry));
  const isCached = revision === 0 || (revision >= cache.lastRevision && revision <= watchCache.revision);
  const page = isCached
    ? await pageOfCache(watchCache, cache, {
        prefix,
        from,
        limit,
        revision,
        single,
        labels: request.labels,
        wanted: all ? undefined : wanted,
      })
    : await pageOfHistory(watchCache, {
        prefix,
        from,
        revision,
        limit,
        wanted,
        continued: request.continue,
      });
  const counts = isCached ? cache.counts.fromCache : cache.counts.fromStore;
  counts.lists++;
  counts.fetched += page.looked;
  counts.returned += page.entries.length;
  if (page.next === undefined) return { entries: page.entries, revision: page.revision };
  return {
    entries: page.entries,
    revision: page.revision,
    continue: encodeContinue({ revision: page.revision, start: page.next.slice(prefix.length) }),
    ...(all ? { remaining: page.remaining } : {}),
  };
}

interface CacheQuery {
  readonly prefix: string;
  readonly from: string;
  readonly limit: number;
  readonly revision: number;
  readonly single: string | undefined;
  readonly labels: readonly LabelHint[] | undefined;
  /** Absent: all are. */
  readonly wanted: ((entry: Entry) => boolean) | undefined;
}

function pageOfCache(watchCache: WatchCache, cache: ResourceCache, query: CacheQuery): Page | Promise<Page> {
  const { prefix, from, limit, single, wanted } = query;
  const revision = query.revision === 0 ? watchCache.revision : query.revision;
  if (single !== undefined && (prefix !== cache.prefix || !cache.namespaced)) {
    const entry = cache.index.get(prefix + single);
    const there = entry !== undefined && entry.key >= from && (wanted === undefined || wanted(entry));
    return { revision, entries: there ? [entry] : [], next: undefined, remaining: 0, looked: 1 };
  }
  if (wanted === undefined) {
    const { values: entries, next } = cache.index.page(prefix, from, limit);
    const remaining = next === undefined ? 0 : cache.index.countFrom(prefix, next);
    return { revision, entries, next, remaining, looked: entries.length };
  }
  const candidates = query.labels && cache.labelled(query.labels);
  const some =
    candidates === undefined
      ? cache.index.page(prefix, from, 0).values
      : candidates
          .filter((key) => key >= from && key.startsWith(prefix))
          .map((key) => cache.index.get(key) as Entry);
  return select(some, wanted, limit, revision);
}

/** Others get their turn when so many bytes were parsed, in some 2 ms, or as many objects were looked at. */
const parsedAtOnce = 256 * 1024;
/** What it takes to look at an object that is parsed, or whose labels are known, in bytes that are parsed meanwhile. */
const lookWork = 32;

/** The first objects that are wanted. All were there at the revision; they are looked at in turns if they are many. */
function select(
  some: readonly Entry[],
  wanted: (entry: Entry) => boolean,
  limit: number,
  revision: number,
): Page | Promise<Page> {
  const entries: Entry[] = [];
  let at = 0;
  const step = (): Page | undefined => {
    for (let work = 0; at < some.length; at++) {
      if (work >= parsedAtOnce) return undefined;
      const entry = some[at] as Entry;
      if (limit > 0 && entries.length === limit) {
        return { revision, entries, next: entry.key, remaining: 0, looked: at };
      }
      const known = entry.parsed;
      if (wanted(entry)) entries.push(entry);
      work += known || !entry.parsed ? lookWork : entry.value.length;
    }
    return { revision, entries, next: undefined, remaining: 0, looked: at };
  };
  const later = async (): Promise<Page> => {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const page = step();
      if (page !== undefined) return page;
    }
  };
  return step() ?? later();
}

/** What a list at an older revision asks the store for. */
interface HistoryQuery {
  readonly prefix: string;
  readonly from: string;
  readonly revision: number;
  readonly limit: number;
  readonly wanted: (entry: Entry) => boolean;
  /** The token that it goes on from; '' for none. */
  readonly continued: string;
}

async function pageOfHistory(
  watchCache: WatchCache,
  { prefix, from, revision, limit, wanted, continued }: HistoryQuery,
): Promise<Page> {
  let range: RangeResult;
  try {
    range = await watchCache.store.range({ prefix, from, revision });
  } catch (error) {
    if (error instanceof CompactedError) throw expired(continued);
    if (error instanceof FutureRevisionError) throw tooLargeResourceVersion(revision, watchCache.revision, 0);
    throw error;
  }
  const entries: Entry[] = [];
  for (let i = 0; i < range.kvs.length; i++) {
    const kv = range.kvs[i]!;
    if (limit > 0 && entries.length === limit) {
      return { revision, entries, next: kv.key, remaining: range.kvs.length - i, looked: i };
    }
    const entry = Entry.of(kv);
    if (wanted(entry)) entries.push(entry);
  }
  return { revision, entries, next: undefined, remaining: 0, looked: range.kvs.length };
}

function expired(continued: string): StatusError {
  if (continued === '') {
    return newStatusError({
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
  }
  const { start } = decodeContinue(continued);
  const error = newStatusError({
    code: 410,
    reason: 'Expired',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  });
  const metadata = { continue: encodeContinue({ revision: -1, start }) };
  return new StatusError({ ...error.status, metadata });
}
