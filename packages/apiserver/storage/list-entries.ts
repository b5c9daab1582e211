import { newBadRequest, newStatusError, StatusError } from '@coxswain/machinery';
import { CompactedError, FutureRevisionError, type RangeResult } from '@coxswain/store';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { Entry } from './entry.ts';
import type { LabelHint } from './label-index.ts';
import type { ResourceCache } from './resource-cache.ts';
import { tooLargeResourceVersion, type WatchCache } from './watch-cache.ts';

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
    if (asked !== '' && asked !== '0') {
      throw newBadRequest('specifying resource version is not allowed when using continue');
    }
    const token = decodeContinue(request.continue);
    from = prefix + token.start;
    revision = Math.max(0, token.revision);
  } else if (asked !== '') {
    const version = Number(asked);
    if (request.resourceVersionMatch === 'Exact' || (request.resourceVersionMatch === '' && limit > 0)) {
      revision = version;
    } else if (version === 0) {
      limit = 0;
    } else {
      const wait = watchCache.waitUntilFresh(version);
      if (watchCache.revision < version) await wait;
    }
  }
  const matches = request.matches;
  const single = request.name === '' ? undefined : request.name;
  const wanted = (entry: Entry): boolean =>
    (single === undefined || cache.nameOf(entry.key) === single) && (matches === undefined || matches(entry));
  const page =
    revision === 0 || (revision >= cache.lastRevision && revision <= watchCache.revision)
      ? pageOfCache(watchCache, cache, {
          prefix,
          from,
          limit,
          revision,
          single,
          labels: request.labels,
          wanted,
        })
      : await pageOfHistory(watchCache, prefix, from, limit, revision, wanted, request.continue);
  if (page.next === undefined) return { entries: page.entries, revision: page.revision };
  const countable = matches === undefined && single === undefined;
  return {
    entries: page.entries,
    revision: page.revision,
    continue: encodeContinue({ revision: page.revision, start: page.next.slice(prefix.length) }),
    ...(countable ? { remaining: page.remaining } : {}),
  };
}

interface CacheQuery {
  readonly prefix: string;
  readonly from: string;
  readonly limit: number;
  readonly revision: number;
  readonly single: string | undefined;
  readonly labels: readonly LabelHint[] | undefined;
  readonly wanted: (entry: Entry) => boolean;
}

function pageOfCache(watchCache: WatchCache, cache: ResourceCache, query: CacheQuery): Page {
  const { prefix, from, limit, single, wanted } = query;
  const revision = query.revision === 0 ? watchCache.revision : query.revision;
  if (single !== undefined && (prefix !== cache.prefix || !cache.namespaced)) {
    const entry = cache.index.get(prefix + single);
    const there = entry !== undefined && entry.key >= from && wanted(entry);
    return { revision, entries: there ? [entry] : [], next: undefined, remaining: 0 };
  }
  const entries: Entry[] = [];
  let next: string | undefined;
  const visit = (entry: Entry, key: string): boolean => {
    if (limit > 0 && entries.length === limit) {
      next = key;
      return false;
    }
    if (wanted(entry)) entries.push(entry);
    return true;
  };
  const candidates = query.labels && cache.labelled(query.labels);
  if (candidates === undefined) cache.index.scan(prefix, from, visit);
  else {
    for (const key of candidates) {
      if (key < from || !key.startsWith(prefix)) continue;
      if (!visit(cache.index.get(key) as Entry, key)) break;
    }
  }
  if (next === undefined) return { revision, entries, next, remaining: 0 };
  const remaining = cache.index.rank(behind(prefix)) - cache.index.rank(next);
  return { revision, entries, next, remaining };
}

/** The least key behind all that begin with the prefix, which ends with a slash. */
function behind(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

async function pageOfHistory(
  watchCache: WatchCache,
  prefix: string,
  from: string,
  limit: number,
  revision: number,
  wanted: (entry: Entry) => boolean,
  continued: string,
): Promise<Page> {
  if (revision > watchCache.revision) {
    await watchCache.waitUntilFresh(revision);
  }
  let range: RangeResult;
  try {
    range = await watchCache.store.range({ prefix, from, revision });
  } catch (error) {
    if (error instanceof CompactedError) throw expired(continued);
    if (error instanceof FutureRevisionError) throw tooLargeResourceVersion(revision, watchCache.revision);
    throw error;
  }
  const entries: Entry[] = [];
  for (let i = 0; i < range.kvs.length; i++) {
    const kv = range.kvs[i]!;
    if (limit > 0 && entries.length === limit) {
      return { revision, entries, next: kv.key, remaining: range.kvs.length - i };
    }
    const entry = Entry.of(kv);
    if (wanted(entry)) entries.push(entry);
  }
  return { revision, entries, next: undefined, remaining: 0 };
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
