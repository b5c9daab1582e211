import { CompactedError, FutureRevisionError, type RangeRequest, type RangeResult } from '@coxswain/store';
import { Entry } from '../entry.ts';
import { tooLargeResourceVersion, type WatchCache } from '../watch-cache.ts';
import { expired } from './expired.ts';
import type { Page, PageQuery } from './page.ts';

/**
 * A page of what the store had at a revision before.
 *
 * @param continued the token that it goes on from; '' for none
 */
export async function pageOfHistory(
  watchCache: WatchCache,
  { prefix, from, revision, limit, wanted }: PageQuery,
  continued: string,
): Promise<Page> {
  const atOnce = wanted === undefined ? limit : 0;
  const { kvs, count } = await rangeOf(watchCache, { prefix, from, revision, limit: atOnce }, continued);
  if (wanted === undefined) {
    const remaining = count - kvs.length;
    const entries = kvs.map((kv) => Entry.of(kv));
    return { revision, entries, more: remaining > 0, remaining, looked: kvs.length };
  }
  const entries: Entry[] = [];
  for (let i = 0; i < kvs.length; i++) {
    const entry = Entry.of(kvs[i]!);
    if (wanted(entry)) entries.push(entry);
    if (limit > 0 && entries.length === limit) {
      return { revision, entries, more: i + 1 < kvs.length, remaining: 0, looked: i + 1 };
    }
  }
  return { revision, entries, more: false, remaining: 0, looked: kvs.length };
}

/** Reads the store as of a revision; throws upstream's answers where it has forgotten that one, or does not know it yet. */
export async function rangeOf(
  watchCache: WatchCache,
  request: RangeRequest & { readonly revision: number },
  continued: string,
): Promise<RangeResult> {
  try {
    return await watchCache.store.range(request);
  } catch (error) {
    if (error instanceof CompactedError) throw expired(continued);
    if (error instanceof FutureRevisionError) {
      throw tooLargeResourceVersion(request.revision, watchCache.revision, 0);
    }
    throw error;
  }
}
