import type { TypeFact } from '../../facts.ts';
import { deepEqual } from '../../json/deep-equal.ts';
import { ownMember, setMember } from '../../json/member.ts';
import {
  deleteFromPrimitiveListPrefix,
  directiveMarker,
  isObject,
  type Json,
  noMergeKey,
  retainKeysDirective,
  setElementOrderPrefix,
} from './directives.ts';
import { elementsAreObjects, sortLike } from './order.ts';
import { type PatchMeta, patchMeta } from './patch-schema.ts';

/** Which half of a difference is wanted. */
export interface DiffOptions {
  readonly ignoreDeletions?: boolean;
  readonly ignoreChangesAndAdditions?: boolean;
}

/** The strategic merge patch that turns `original` into `modified`. */
export function diffMaps(
  original: Json,
  modified: Json,
  type: TypeFact | undefined,
  options: DiffOptions,
  buildRetainKeys = false,
): Json {
  const patch: Json = {};
  const retained: string[] = [];
  for (const [key, value] of Object.entries(modified)) {
    if (value === undefined) continue;
    if (buildRetainKeys && value !== null) retained.push(key);
    diffMember(key, ownMember(original, key), value, patch, type, options);
  }
  let missing = false;
  for (const key of Object.keys(original)) {
    if (original[key] === undefined || ownMember(modified, key) !== undefined) continue;
    missing = true;
    if (!options.ignoreDeletions) setMember(patch, key, null);
  }
  if (retained.length > 0 && (Object.keys(patch).length > 0 || missing)) {
    patch[retainKeysDirective] = retained.sort();
  }
  return patch;
}

function diffMember(
  key: string,
  before: unknown,
  value: unknown,
  patch: Json,
  type: TypeFact | undefined,
  options: DiffOptions,
): void {
  const take = (): void => {
    if (!options.ignoreChangesAndAdditions) setMember(patch, key, value);
  };
  if (before === undefined) {
    take();
    return;
  }
  const bothMaps = isObject(before) && isObject(value);
  const bothLists = Array.isArray(before) && Array.isArray(value);
  if (!bothMaps && !bothLists) {
    if (!deepEqual(before, value)) take();
    return;
  }
  // Equal parts need no metadata, and no patch either.
  if (deepEqual(before, value)) return;
  const meta = patchMeta(type, key);
  if (bothMaps) {
    if (meta.strategy === 'replace') {
      take();
      return;
    }
    const inner = diffMaps(before, value, meta.type, options, meta.retainKeys);
    if (Object.keys(inner).length > 0) patch[key] = inner;
  } else if (meta.strategy === 'merge') {
    diffList(key, before as unknown[], value as unknown[], patch, meta, options);
  } else {
    take();
  }
}

function diffList(
  key: string,
  original: readonly unknown[],
  modified: readonly unknown[],
  patch: Json,
  meta: PatchMeta,
  options: DiffOptions,
): void {
  if (original.length === 0) {
    if (modified.length > 0 && !options.ignoreChangesAndAdditions) patch[key] = modified;
    return;
  }
  const parts = elementsAreObjects(original, modified)
    ? diffObjects(original as Json[], modified as Json[], meta, options)
    : diffScalars(original, modified, options);
  if (parts.list.length > 0) patch[key] = parts.list;
  if (parts.deletions.length > 0) patch[`${deleteFromPrimitiveListPrefix}/${key}`] = parts.deletions;
  if (parts.order.length > 0) patch[`${setElementOrderPrefix}/${key}`] = parts.order;
}

interface ListDiff {
  readonly list: unknown[];
  readonly deletions: unknown[];
  readonly order: readonly unknown[];
}

function diffScalars(
  original: readonly unknown[],
  modified: readonly unknown[],
  options: DiffOptions,
): ListDiff {
  const added = options.ignoreChangesAndAdditions ? [] : modified.filter((item) => !original.includes(item));
  const removed = options.ignoreDeletions ? [] : original.filter((item) => !modified.includes(item));
  const ordered = removed.length > 0 || !options.ignoreChangesAndAdditions;
  return {
    list: [...new Set(added)],
    deletions: [...new Set(removed)].sort(compareText),
    order: ordered ? modified : [],
  };
}

function compareText(a: unknown, b: unknown): number {
  const left = String(a);
  const right = String(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function diffObjects(
  original: readonly Json[],
  modified: readonly Json[],
  meta: PatchMeta,
  options: DiffOptions,
): ListDiff {
  const { mergeKey, type, retainKeys } = meta;
  for (const item of [...original, ...modified]) {
    if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
  }
  const find = (list: readonly Json[], key: unknown): Json | undefined =>
    list.find((item) => deepEqual(item[mergeKey], key));
  const changes: Json[] = [];
  for (const item of modified) {
    const before = find(original, item[mergeKey]);
    if (!before) {
      if (!options.ignoreChangesAndAdditions) changes.push(item);
      continue;
    }
    const inner = diffMaps(before, item, type, options, retainKeys);
    if (Object.keys(inner).length > 0) changes.push({ ...inner, [mergeKey]: item[mergeKey] });
  }
  const deletions = options.ignoreDeletions
    ? []
    : original
        .filter((item) => find(modified, item[mergeKey]) === undefined)
        .map((item) => ({ [mergeKey]: item[mergeKey], [directiveMarker]: 'delete' }));
  const list = [...sortLike(changes, modified, mergeKey, true), ...deletions];
  const orderSame =
    original.length === modified.length &&
    modified.every((item, i) => deepEqual(original[i]?.[mergeKey], item[mergeKey]));
  const ordered =
    (!options.ignoreChangesAndAdditions && (list.length > 0 || !orderSame)) ||
    (!options.ignoreDeletions && list.length > 0);
  return {
    list,
    deletions: [],
    order: ordered ? modified.map((item) => ({ [mergeKey]: item[mergeKey] })) : [],
  };
}
