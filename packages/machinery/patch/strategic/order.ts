import { deepEqual } from '../../json/deep-equal.ts';
import { goText } from '../go-text.ts';
import { PatchError } from '../patch-error.ts';
import { badArgument, directiveMarker, isObject, type Json, listOfLists, noMergeKey } from './directives.ts';

/** Whether the elements of the lists are objects; throws when they differ in kind, are lists, or there are none. */
export function elementsAreObjects(...lists: (readonly unknown[])[]): boolean {
  let kind: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      if (Array.isArray(item)) throw listOfLists();
      const actual = isObject(item) ? 'map' : typeof item;
      if (kind !== undefined && kind !== actual) {
        throw new PatchError('PATCH_FAILED', `list element types are not identical: ${goText(lists)}`);
      }
      kind = actual;
    }
  }
  if (kind === undefined) throw new PatchError('PATCH_FAILED', 'no elements in any of the given slices');
  return kind === 'map';
}

function mapOf(item: unknown): Json {
  if (isObject(item)) return item;
  throw badArgument('map[string]interface {}', item);
}

function requireKey(item: Json, mergeKey: string): void {
  if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
}

/** Finds an element: objects by merge key, scalars by value. */
export function indexIn(list: readonly unknown[], item: unknown, mergeKey: string, objects: boolean): number {
  if (!objects) return list.findIndex((other) => deepEqual(other, item));
  const key = mapOf(item)[mergeKey];
  return list.findIndex((other) => isObject(other) && deepEqual(other[mergeKey], key));
}

/** A patch's list must have its elements in the order that the patch itself asks for. */
export function checkPatchOrder(list: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (list.length === 0 || order.length === 0) return;
  const objects = mergeKey !== '';
  const kept = objects ? list.filter((item) => mapOf(item)[directiveMarker] === undefined) : list;
  let at = 0;
  for (const wanted of order) {
    if (at === kept.length) return;
    if (objects) for (const item of [mapOf(kept[at]), mapOf(wanted)]) requireKey(item, mergeKey);
    if (indexIn([wanted], kept[at], mergeKey, objects) === 0) at++;
  }
  if (at === kept.length) return;
  throw new PatchError(
    'PATCH_FAILED',
    `The order in patch list:\n${goText(list)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
  );
}

/** Splits into those that are in `wanted` and those that are not. */
export function partition(
  items: readonly unknown[],
  wanted: readonly unknown[],
  mergeKey: string,
  objects: boolean,
): { readonly patchItems: unknown[]; readonly serverOnly: unknown[] } {
  const patchItems: unknown[] = [];
  const serverOnly: unknown[] = [];
  for (const item of items) {
    if (indexIn(wanted, item, mergeKey, objects) >= 0) patchItems.push(item);
    else serverOnly.push(item);
  }
  return { patchItems, serverOnly };
}

/** Sorts `items` as `order` has them; elements that only delete come last. */
export function sortLike(
  items: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
  objects: boolean,
): unknown[] {
  const deletions = objects ? items.filter((item) => mapOf(item)[directiveMarker] === 'delete') : [];
  const rest = deletions.length === 0 ? items : items.filter((item) => !deletions.includes(item));
  if (objects) {
    for (const item of [...items, ...order]) {
      if (isObject(item)) requireKey(item, mergeKey);
    }
  }
  const ranked = rest.map((item) => ({ item, rank: indexIn(order, item, mergeKey, objects) }));
  ranked.sort((a, b) => a.rank - b.rank);
  return [...ranked.map((r) => r.item), ...deletions];
}

/**
 * Puts the patch's elements in the patch's order and the server's own in the server's, and merges the two: an
 * element of the server's goes before one of the patch's only where the server has both and in that order.
 */
export function normalizeOrder(
  parts: { readonly patchItems: readonly unknown[]; readonly serverOnly: readonly unknown[] },
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
  objects: boolean,
): unknown[] {
  const right = sortLike(parts.patchItems, patchOrder, mergeKey, objects);
  const left = sortLike(parts.serverOnly, serverOrder, mergeKey, objects);
  const out: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i >= left.length) out.push(right[j++]);
    else if (j >= right.length) out.push(left[i++]);
    else {
      const li = indexIn(serverOrder, left[i], mergeKey, objects);
      const ri = indexIn(serverOrder, right[j], mergeKey, objects);
      out.push(li >= 0 && ri >= 0 && li < ri ? left[i++] : right[j++]);
    }
  }
  return out;
}
