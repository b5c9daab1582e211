import type { TypeFact } from '../../facts.ts';
import { copyJson } from '../../json/copy-json.ts';
import { deepEqual } from '../../json/deep-equal.ts';
import { PatchError } from '../patch-error.ts';
import { diffMaps } from './diff.ts';
import { directiveMarker, isObject, type Json, retainKeysDirective } from './directives.ts';
import { mergeMap } from './merge.ts';

/**
 * Applies a strategic merge patch as upstream's API server does. Gives a new document that shares what did
 * not change with `document` and values with `patch`; throws `PatchError` with upstream's text.
 */
export function applyStrategicMergePatch<T>(document: T, patch: unknown, type: TypeFact): T {
  return mergeMap(document as Json, patch as Json, type, 'apply') as T;
}

/** The strategic merge patch that turns `original` into `modified`; `{}` when they are equal. */
export function createTwoWayMergePatch(original: unknown, modified: unknown, type: TypeFact): Json {
  return copyJson(diffMaps(asMap(original), asMap(modified), type, {}));
}

/**
 * The patch of `kubectl apply`: what `modified` changes or adds to `current`, and the deletion of what was in
 * `original` (the last applied one, absent at first) and is gone from `modified`.
 * @throws PatchError when `overwrite` is false and someone else changed what the patch changes
 */
export function createThreeWayMergePatch(
  original: unknown,
  modified: unknown,
  current: unknown,
  type: TypeFact,
  overwrite = true,
): Json {
  const delta = diffMaps(asMap(current), asMap(modified), type, { ignoreDeletions: true });
  const deletions = diffMaps(asMap(original), asMap(modified), type, { ignoreChangesAndAdditions: true });
  const patch = mergeMap(deletions, delta, type, 'combine');
  if (!overwrite) {
    const changed = diffMaps(asMap(original), asMap(current), type, {});
    if (conflicting(patch, changed)) {
      throw new PatchError('PATCH_FAILED', 'patch conflicts with changes made from original to current');
    }
  }
  return copyJson(patch);
}

function asMap(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** Whether two patches set one place to different values. */
function conflicting(left: unknown, right: unknown): boolean {
  if (isObject(left) && isObject(right)) {
    return Object.keys(left).some(
      (key) =>
        !key.startsWith('$setElementOrder/') &&
        key !== directiveMarker &&
        key !== retainKeysDirective &&
        right[key] !== undefined &&
        conflicting(left[key], right[key]),
    );
  }
  return !deepEqual(left, right);
}
