import { copyJson } from '../json/copy-json.ts';
import { deepEqual } from '../json/deep-equal.ts';
import { ownMember, setMember } from '../json/member.ts';
import { jsonTypeName } from './go-text.ts';
import { PatchError } from './patch-error.ts';

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks that a decoded body is a JSON merge patch or a strategic one; throws `PatchError`. */
export function decodeMergePatch(value: unknown): Json {
  if (value === null) return {};
  if (isObject(value)) return value;
  throw new PatchError(
    'PATCH_MALFORMED',
    `error decoding patch: json: cannot unmarshal ${jsonTypeName(value)} into Go value of type map[string]interface {}`,
  );
}

/** Applies a JSON merge patch (RFC 7386). Gives a new document that shares what did not change. */
export function applyMergePatch<T>(document: T, patch: unknown): T {
  return merge(document, patch) as T;
}

function merge(target: unknown, patch: unknown): unknown {
  // Upstream's library reads nulls in a list as deletions too, unless the list takes the place of an object.
  if (!isObject(patch)) return isObject(target) ? copyJson(patch) : withoutNulls(patch);
  const out: Json = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else if (value !== undefined) setMember(out, key, merge(ownMember(out, key), value));
  }
  return out;
}

/** A copy in which members of objects that are null are left out; elements of lists stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isObject(value) ? merge(undefined, value) : value;
}

/** The merge patch that turns `original` into `modified`; `{}` when they are equal. */
export function createMergePatch(original: unknown, modified: unknown): Json {
  const patch: Json = {};
  if (!isObject(original) || !isObject(modified)) return patch;
  for (const [key, value] of Object.entries(modified)) {
    if (value === undefined) continue;
    const before = ownMember(original, key);
    if (isObject(before) && isObject(value)) {
      const inner = createMergePatch(before, value);
      if (Object.keys(inner).length > 0) setMember(patch, key, inner);
    } else if (!deepEqual(before, value)) {
      setMember(patch, key, copyJson(value));
    }
  }
  for (const key of Object.keys(original)) {
    if (original[key] !== undefined && ownMember(modified, key) === undefined) setMember(patch, key, null);
  }
  return patch;
}

/**
 * The merge patch of `kubectl apply` for types without patch metadata: what `modified` changes or adds to
 * `current`, and what was in `original` and is gone from `modified`.
 */
export function createThreeWayJsonMergePatch(original: unknown, modified: unknown, current: unknown): Json {
  const additions = keep(createMergePatch(current, modified), (value) => value !== null);
  const deletions = keep(createMergePatch(original, modified), (value) => value === null);
  return combine(deletions, additions);
}

/** Keeps the leaves of a patch that pass. */
function keep(patch: Json, passes: (leaf: unknown) => boolean): Json {
  const out: Json = {};
  for (const [key, value] of Object.entries(patch)) {
    if (isObject(value) && Object.keys(value).length > 0) {
      const inner = keep(value, passes);
      if (Object.keys(inner).length > 0) setMember(out, key, inner);
    } else if (passes(value)) {
      setMember(out, key, value);
    }
  }
  return out;
}

/** Merges two patches, keeping nulls. */
function combine(first: Json, second: Json): Json {
  const out: Json = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = ownMember(out, key);
    setMember(out, key, isObject(before) && isObject(value) ? combine(before, value) : value);
  }
  return out;
}
