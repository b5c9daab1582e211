import { setMember } from '../../json/member.ts';
import { goStringVerb, goText, goTypeName } from '../go-text.ts';
import { PatchError } from '../patch-error.ts';

/** The members of a strategic merge patch that steer it. */
export const directiveMarker = '$patch';
export const retainKeysDirective = '$retainKeys';
export const deleteFromPrimitiveListPrefix = '$deleteFromPrimitiveList';
export const setElementOrderPrefix = '$setElementOrder';

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string): PatchError {
  return new PatchError('PATCH_MALFORMED', message);
}

export const badRetainKeys = (): PatchError => malformed('invalid patch format of retainKeys');
export const badSetElementOrder = (): PatchError => malformed('invalid patch format of setElementOrder list');
export const badPrimitiveList = (): PatchError => malformed('invalid patch format of primitive list');
export const listOfLists = (): PatchError =>
  new PatchError('PATCH_NOT_APPLICABLE', 'lists of lists are not supported');

export function badPatchType(directive: unknown, patch: Json): PatchError {
  return new PatchError(
    'PATCH_FAILED',
    `unknown patch type: ${goStringVerb(directive)} in map: ${goText(patch)}`,
  );
}

/** A value in place of a list, or of an object. */
export function badArgument(
  expected: '[]interface {}' | 'map[string]interface {}',
  actual: unknown,
): PatchError {
  const type = actual === null ? '%!s(<nil>)' : goTypeName(actual);
  return new PatchError('PATCH_FAILED', `expected a ${expected}, but received a ${type}`);
}

export function noMergeKey(item: Json, mergeKey: string): PatchError {
  return new PatchError(
    'PATCH_FAILED',
    `map: ${goText(item)} does not contain declared merge key: ${mergeKey}`,
  );
}

/** The field that a directive such as `$setElementOrder/containers` is about. */
export function fieldOfDirective(key: string, prefix: string, fault: () => PatchError): string {
  const slash = key.indexOf('/');
  if (slash < 0 || key.slice(0, slash) !== prefix) throw fault();
  return key.slice(slash + 1);
}

/**
 * What a patch puts where there is nothing to patch: without nulls, and without what bears `$patch`; undefined where
 * that is all of it. Other directives stay, for the decoder to complain of.
 */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (value[directiveMarker] !== undefined) return undefined;
  const out: Json = {};
  for (const [key, member] of Object.entries(value)) {
    const kept = member === null ? undefined : withoutDirectives(member);
    if (kept !== undefined) setMember(out, key, kept);
  }
  return out;
}
