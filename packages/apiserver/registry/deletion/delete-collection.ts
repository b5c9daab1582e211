import { isNotFound } from '@coxswain/machinery';
import type { Entry } from '../../storage/entry.ts';
import { type ListRequest, listEntries } from '../../storage/lists/list-entries.ts';
import type { ApiRequest, Outcome, RegistryContext } from '../context.ts';
import { parseListOptions } from '../options/options.ts';
import { checkListVersion } from '../options/resource-version.ts';
import { compileSelection } from '../options/selection.ts';
import { deleteNamed } from './delete.ts';
import { parseDeleteOptions } from './delete-options.ts';

/** Deletions that share commits of the store. */
const mostAtOnce = 64;

/** Upstream reads a collection in such pages, which all are of the version of the first. */
const pageSize = 10_000;

/** DELETE of a collection: answers with the list of what was there. */
export async function deleteCollection(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  const list = parseListOptions(request);
  const options = parseDeleteOptions(request);
  const { resource } = request;
  if (list.continue === '') checkListVersion(list.resourceVersion);
  const selection = compileSelection(resource, request.namespace, '', list);
  const asked: ListRequest = {
    namespace: selection.scope.namespace,
    name: selection.name,
    ...(selection.matches === undefined ? {} : { matches: selection.matches }),
    ...(selection.labels === undefined ? {} : { labels: selection.labels }),
    limit: list.limit === 0 ? pageSize : list.limit,
    continue: list.continue,
    resourceVersion: list.resourceVersion,
    resourceVersionMatch: list.resourceVersionMatch,
  };
  const first = await listEntries(context.watchCache, resource.cache, asked);
  const entries = [...first.entries];
  // Who set no limit gets what the first page says of itself, with the objects of all.
  for (let page = first; page.continue !== undefined && list.limit <= 0; ) {
    const next = { ...asked, continue: page.continue, resourceVersion: '', resourceVersionMatch: '' };
    page = await listEntries(context.watchCache, resource.cache, next);
    entries.push(...page.entries);
  }
  await deleteInOrder(entries, ({ key }, admitted) => {
    const { cache } = resource;
    const one = { ...request, namespace: cache.namespaceOf(key), name: cache.nameOf(key) };
    return deleteNamed(context, options.dryRun ? { ...one, dryRun: ['All'] } : one, { ...options }, admitted);
  });
  return { kind: 'list', status: 200, listed: { ...first, entries } };
}

/**
 * Deletes one after the other, as upstream's one worker: what comes after one that may not go stays. None waits for
 * the disk of the one before.
 */
async function deleteInOrder(
  entries: readonly Entry[],
  deleteOne: (entry: Entry, admitted: () => void) => Promise<unknown>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const faults: unknown[] = [];
  for (const entry of entries) {
    const { promise: admitted, resolve } = Promise.withResolvers<void>();
    const deletion = deleteOne(entry, resolve)
      .catch((error: unknown) => {
        // Somebody else was faster.
        if (!isNotFound(error)) faults.push(error);
      })
      .then(() => {
        underWay.delete(deletion);
      });
    underWay.add(deletion);
    await Promise.race([admitted, deletion]);
    if (underWay.size >= mostAtOnce) await Promise.race(underWay);
    if (faults.length > 0) break;
  }
  await Promise.all(underWay);
  if (faults.length > 0) throw faults[0];
}
