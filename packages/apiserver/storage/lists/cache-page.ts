import { nextTurn } from '@coxswain/machinery';
import type { Entry } from '../entry.ts';
import type { ResourceCache } from '../resource-cache.ts';
import type { LabelHint } from './label-index.ts';
import type { Page, PageQuery } from './page.ts';

/** A page of what is in the cache now. */
export function pageOfCache(
  cache: ResourceCache,
  query: PageQuery,
  labels: readonly LabelHint[] | undefined,
): Page | Promise<Page> {
  const { prefix, from, limit, revision, wanted } = query;
  if (wanted === undefined) {
    const { values: entries, next } = cache.index.page(prefix, from, limit);
    const remaining = next === undefined ? 0 : cache.index.countFrom(prefix, next);
    return { revision, entries, more: next !== undefined, remaining, looked: entries.length };
  }
  const candidates = labels && cache.labelled(labels);
  const some =
    candidates === undefined
      ? cache.index.page(prefix, from, 0).values
      : candidates
          .filter((key) => key >= from && key.startsWith(prefix))
          .map((key) => cache.index.get(key) as Entry);
  const end = limit > 0 ? (cache.index.lastKey(prefix) ?? '') : '';
  return select(some, { revision, limit, wanted, end });
}

/** Others get their turn when so many bytes were parsed, in some 2 ms, or as many objects were looked at. */
const parsedAtOnce = 256 * 1024;
/** What it takes to look at an object that is parsed, or whose labels are known, in bytes that are parsed meanwhile. */
const lookWork = 32;

interface Choice {
  readonly revision: number;
  readonly limit: number;
  readonly wanted: (entry: Entry) => boolean;
  /** The last key of all, where there is a limit. */
  readonly end: string;
}

/** The first objects that are wanted. All were there at the revision; they are looked at in turns if they are many. */
function select(some: readonly Entry[], { revision, limit, wanted, end }: Choice): Page | Promise<Page> {
  const entries: Entry[] = [];
  let at = 0;
  const step = (): Page | undefined => {
    for (let work = 0; at < some.length; at++) {
      if (work >= parsedAtOnce) return undefined;
      const entry = some[at] as Entry;
      const known = entry.parsed;
      if (wanted(entry)) entries.push(entry);
      if (limit > 0 && entries.length === limit) {
        return { revision, entries, more: entry.key < end, remaining: 0, looked: at + 1 };
      }
      work += known || !entry.parsed ? lookWork : entry.value.length;
    }
    return { revision, entries, more: false, remaining: 0, looked: at };
  };
  const later = async (): Promise<Page> => {
    for (;;) {
      await nextTurn();
      const page = step();
      if (page !== undefined) return page;
    }
  };
  return step() ?? later();
}
