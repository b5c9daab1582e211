import { deepEqual, type FieldPath, invalid } from '@coxswain/machinery';
import { type Errors, immutableMessage } from './values.ts';

/** ValidateImmutableField: an update may not change the value. */
export function immutable(
  errs: Errors,
  path: FieldPath,
  value: unknown,
  old: unknown,
  detail = immutableMessage,
): void {
  if (value === old || semanticEqual(value, old)) return;
  // an absent value is a nil pointer, which prints as a text; nil lists and maps come as null
  errs.push(invalid(path, value === undefined ? 'null' : value, detail));
}

/** Semantic.DeepEqual: absent and empty lists and maps are the same. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmptyCollection(a) && isEmptyCollection(b)) return true;
  return deepEqual(a, b);
}

function isEmptyCollection(value: unknown): boolean {
  if (value == null || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : false;
}
