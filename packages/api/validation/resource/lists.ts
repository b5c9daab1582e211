import { duplicate, type FieldPath, tooMany } from '@coxswain/machinery';
import { type Errors, type Json, keysOf } from '../values.ts';

type Check<T> = (errs: Errors, item: T, path: FieldPath) => void;

/** Checks each item, then how many there are. */
export function validateSlice<T>(
  errs: Errors,
  items: readonly T[] | undefined,
  most: number,
  check: Check<T>,
  path: FieldPath,
): void {
  if (items == null) return;
  items.forEach((item, i) => {
    check(errs, item, path.index(i));
  });
  if (most >= 0 && items.length > most) errs.push(tooMany(path, items.length, most));
}

/**
 * As `validateSlice`, and no two items have the same key.
 *
 * @param member where a key that occurs twice is shown; absent for the item itself
 */
export function validateSet<T>(
  errs: Errors,
  items: readonly T[] | undefined,
  most: number,
  check: Check<T>,
  key: (item: T) => unknown,
  path: FieldPath,
  member?: string,
): void {
  validateSlice(errs, items, most, check, path);
  const seen = new Set<string>();
  items?.forEach((item, i) => {
    const value = key(item);
    const text = JSON.stringify(value);
    if (seen.has(text)) {
      const place = path.index(i);
      errs.push(duplicate(member === undefined ? place : place.child(member), value));
    }
    seen.add(text);
  });
}

/** Checks keys and values of a map, sorted; -1 for no bound on how many there are. */
export function validateMap(
  errs: Errors,
  map: Json | undefined,
  most: number,
  checkKey: Check<string>,
  check: Check<any>,
  path: FieldPath,
): void {
  const keys = keysOf(map);
  if (most >= 0 && keys.length > most) errs.push(tooMany(path, keys.length, most));
  for (const key of keys) {
    checkKey(errs, key, path.key(key));
    check(errs, map![key], path.key(key));
  }
}

/** The key of a list of texts: the text itself. */
export const itself = (text: string): string => text;
