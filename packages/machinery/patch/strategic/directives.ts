import { setMember } from '../../json/member.ts';
import { goStringVerb, goText, goTypeName } from '../go-text.ts';
import { PatchError } from '../patch-error.ts';

/** The members of a strategic merge patch that steer it. */
export const directiveMarker = '$patch';
export const retainKeysDirective = '$retainKeys';
export const deleteFromPrimitiveListPrefix = '$deleteFromPrimitiveList/';
export const setElementOrderPrefix = '$setElementOrder/';

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function malformed(message: string): PatchError {
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
  const field = key.slice(prefix.length);
  if (field === '' || field.includes('/')) throw fault();
  return field;
}

/** Takes the directives out of a patch for which there is nothing to patch; undefined when it deletes. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !(isObject(item) && item[directiveMarker] !== undefined && isElementDirective(item)))
      .map(withoutDirectives);
  }
  if (!isObject(value)) return value;
  const out: Json = {};
  if (value[directiveMarker] === 'delete') return out;
  for (const [key, member] of Object.entries(value)) {
    if (member === null || member === undefined || key === directiveMarker || key === retainKeysDirective)
      continue;
    if (key.startsWith(deleteFromPrimitiveListPrefix) || key.startsWith(setElementOrderPrefix)) continue;
    setMember(out, key, withoutDirectives(member));
  }
  return out;
}

/** An element that deletes, or that only says to replace the list. */
function isElementDirective(item: Json): boolean {
  return item[directiveMarker] === 'delete' || item[directiveMarker] === 'replace';
}
