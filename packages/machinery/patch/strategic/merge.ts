import type { TypeFact } from '../../facts.ts';
import { deepEqual } from '../../json/deep-equal.ts';
import { ownMember, setMember } from '../../json/member.ts';
import {
  badArgument,
  badPatchType,
  badPrimitiveList,
  badRetainKeys,
  badSetElementOrder,
  deleteFromPrimitiveListPrefix,
  directiveMarker,
  fieldOfDirective,
  isObject,
  type Json,
  retainKeysDirective,
  setElementOrderPrefix,
  withoutDirectives,
} from './directives.ts';
import { mergeList } from './merge-list.ts';
import { checkPatchOrder, elementsAreObjects, normalizeOrder, partition } from './order.ts';
import { patchMeta } from './patch-schema.ts';

/** Whether a patch is applied to an object, or merged with another patch. */
export type MergeMode = 'apply' | 'combine';

/**
 * Merges `patch` into `original`; neither is changed, the result shares their parts.
 * @param type absent for values without patch metadata
 */
export function mergeMap(
  original: Json | undefined,
  patch: Json,
  type: TypeFact | undefined,
  mode: MergeMode,
): Json {
  const directive = patch[directiveMarker];
  if (directive !== undefined) return wholeMap(directive, patch);
  const out: Json = { ...original };
  const rest: Json = { ...patch };
  retainKeys(out, rest, mode);
  orderLists(out, rest, type, mode);
  for (const key of deletionsFirst(rest)) mergeMember(out, key, rest[key], type, mode);
  return out;
}

function wholeMap(directive: unknown, patch: Json): Json {
  if (directive === 'replace') {
    const { [directiveMarker]: _, ...rest } = patch;
    return rest;
  }
  if (directive === 'delete') return {};
  throw badPatchType(directive, patch);
}

/** Deletions from a primitive list go before additions to the same list. */
function deletionsFirst(patch: Json): string[] {
  const keys = Object.keys(patch);
  const deletions = keys.filter((key) => key.startsWith(deleteFromPrimitiveListPrefix));
  return deletions.length === 0 ? keys : [...deletions, ...keys.filter((key) => !deletions.includes(key))];
}

function mergeMember(
  out: Json,
  key: string,
  value: unknown,
  type: TypeFact | undefined,
  mode: MergeMode,
): void {
  let name = key;
  let deleting = false;
  if (key.startsWith(deleteFromPrimitiveListPrefix)) {
    if (mode === 'combine') {
      out[key] = value;
      return;
    }
    name = fieldOfDirective(key, deleteFromPrimitiveListPrefix, badPrimitiveList);
    deleting = true;
  }
  if (value === null || value === undefined) {
    if (mode === 'combine') out[name] = null;
    else delete out[name];
    return;
  }
  const before = ownMember(out, name);
  const sameShape =
    before !== undefined &&
    before !== null &&
    shapeOf(before) === shapeOf(value) &&
    typeof value === 'object';
  if (!sameShape) {
    if (deleting) return;
    const taken = mode === 'combine' ? value : withoutDirectives(value);
    if (taken === undefined) delete out[name];
    else setMember(out, name, taken);
    return;
  }
  const meta = patchMeta(type, name);
  if (Array.isArray(value)) {
    out[name] =
      meta.strategy === 'merge' || deleting
        ? mergeList(before as unknown[], value, meta.type, meta.mergeKey, deleting, mode)
        : value;
  } else {
    out[name] =
      meta.strategy === 'replace' ? value : mergeMap(before as Json, value as Json, meta.type, mode);
  }
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : isObject(value) ? 'map' : typeof value;
}

/** Obeys `$retainKeys`: drops the members that the list does not name. */
function retainKeys(out: Json, patch: Json, mode: MergeMode): void {
  const list = patch[retainKeysDirective];
  if (list === undefined) return;
  delete patch[retainKeysDirective];
  if (mode === 'combine') {
    if (out[retainKeysDirective] === undefined) out[retainKeysDirective] = list;
    else if (!deepEqual(out[retainKeysDirective], list)) throw badRetainKeys();
    return;
  }
  if (!Array.isArray(list)) throw badRetainKeys();
  const kept = new Set<unknown>(list);
  for (const [key, value] of Object.entries(patch)) {
    if (
      value === null ||
      key.startsWith(deleteFromPrimitiveListPrefix) ||
      key.startsWith(setElementOrderPrefix)
    ) {
      continue;
    }
    if (!kept.has(key)) throw badRetainKeys();
  }
  for (const key of Object.keys(out)) {
    if (!kept.has(key)) delete out[key];
  }
}

/** Obeys every `$setElementOrder` and takes the lists that it is about out of the patch. */
function orderLists(out: Json, patch: Json, type: TypeFact | undefined, mode: MergeMode): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(setElementOrderPrefix)) continue;
    const order = patch[key];
    delete patch[key];
    if (mode === 'combine') {
      if (out[key] !== undefined && !deepEqual(out[key], order)) throw badSetElementOrder();
      out[key] = order;
      continue;
    }
    if (!Array.isArray(order)) throw badArgument('[]interface {}', order);
    const name = fieldOfDirective(key, setElementOrderPrefix, badSetElementOrder);
    orderList(out, patch, name, order, type, mode);
  }
}

function orderList(
  out: Json,
  patch: Json,
  name: string,
  order: readonly unknown[],
  type: TypeFact | undefined,
  mode: MergeMode,
): void {
  const before = out[name];
  const added = patch[name];
  for (const list of [before, added]) {
    if (list !== undefined && !Array.isArray(list)) throw badArgument('[]interface {}', list);
  }
  const meta = patchMeta(type, name);
  const server = (before as unknown[] | undefined) ?? [];
  const list = (added as unknown[] | undefined) ?? [];
  checkPatchOrder(list, order, meta.mergeKey);
  if (before === undefined && added === undefined) return;
  delete patch[name];
  const merged =
    added === undefined
      ? server
      : before === undefined
        ? (withoutDirectives(list) as unknown[])
        : meta.strategy === 'merge'
          ? mergeList(server, list, meta.type, meta.mergeKey, false, mode)
          : list;
  const keyed = meta.mergeKey !== '';
  const parts = partition(merged, order, meta.mergeKey, keyed);
  const objects = elementsAreObjects(server, list);
  out[name] = normalizeOrder(parts, order, server, meta.mergeKey, objects);
}
