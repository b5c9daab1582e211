import type { TypeFact } from '../../facts.ts';
import { deepEqual } from '../../json/deep-equal.ts';
import { PatchError } from '../patch-error.ts';
import { badPatchType, directiveMarker, type Json, noMergeKey } from './directives.ts';
import { type MergeMode, mergeMap } from './merge.ts';
import { elementsAreObjects, indexIn, normalizeOrder, partition } from './order.ts';

/** Merges a list whose strategy is `merge`: objects by merge key, scalars as a set. */
export function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  type: TypeFact | undefined,
  mergeKey: string,
  deleting: boolean,
  mode: MergeMode,
): unknown[] {
  if (original.length === 0 && patch.length === 0) return [];
  const objects = elementsAreObjects(original, patch);
  if (!objects) {
    if (deleting) return original.filter((item) => !patch.includes(item));
    const merged = [...new Set([...original, ...patch])];
    const keyed = mergeKey !== '';
    return normalizeOrder(partition(merged, patch, mergeKey, keyed), patch, original, mergeKey, keyed);
  }
  if (mergeKey === '') {
    throw new PatchError(
      'PATCH_FAILED',
      `cannot merge lists without merge key for ${type === undefined ? 'map' : 'struct'}`,
    );
  }
  const { kept, additions } = obeyElementDirectives(original as Json[], patch as Json[], mergeKey);
  const merged = [...kept];
  for (const item of additions) {
    if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
    const at = indexIn(merged, item, mergeKey, true);
    if (at >= 0) merged[at] = mergeMap(merged[at], item, type, mode);
    else merged.push(item);
  }
  return normalizeOrder(partition(merged, additions, mergeKey, true), additions, kept, mergeKey, true);
}

interface ElementDirectives {
  readonly kept: Json[];
  readonly additions: Json[];
}

/** Obeys `$patch` in elements: deletes from the original, or replaces all of it. */
function obeyElementDirectives(original: Json[], patch: Json[], mergeKey: string): ElementDirectives {
  let kept = original;
  let replace = false;
  const additions: Json[] = [];
  for (const item of patch) {
    const directive = item[directiveMarker];
    if (directive === undefined) {
      additions.push(item);
    } else if (directive === 'delete') {
      if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
      kept = kept.filter((other) => !deepEqual(other[mergeKey], item[mergeKey]));
    } else if (directive === 'replace') {
      replace = true;
    } else if (directive === 'merge') {
      throw new PatchError('PATCH_FAILED', 'merging lists cannot yet be specified in the patch');
    } else {
      throw badPatchType(directive, item);
    }
  }
  return replace ? { kept: additions, additions: [] } : { kept, additions };
}
