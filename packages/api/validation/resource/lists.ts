import { duplicate, type FieldPath, tooMany } from '@coxswain/machinery';
import { type Errors, type Json, keysOf } from '../values.ts';

type Check<T> = (errs: Errors, item: T, path: FieldPath) => void;

/** Checks each item, unless there are too many of them; -1 for no bound. */
export function validateSlice<T>(
  errs: Errors,
  items: readonly T[] | undefined,
  most: number,
  check: Check<T>,
  path: FieldPath,
): void {
  if (isTooMany(errs, items?.length ?? 0, most, path)) return;
  items?.forEach((item, i) => {
    check(errs, item, path.index(i));
  });
}

function isTooMany(errs: Errors, count: number, most: number, path: FieldPath): boolean {
  if (most < 0 || count <= most) return false;
  errs.push(tooMany(path, count, most));
  return true;
}

/**
 * As `validateSlice`, and no two items have the same key.
 *
 * @param shown how a key that occurs twice is printed, where that is not the key itself
 */
export function validateSet<T>(
  errs: Errors,
  items: readonly T[] | undefined,
  most: number,
  check: Check<T>,
  key: (item: T) => unknown,
  path: FieldPath,
  shown: (item: T) => unknown = key,
): void {
  if (isTooMany(errs, items?.length ?? 0, most, path)) return;
  validateSlice(errs, items, most, check, path);
  const seen = new Set<string>();
  items?.forEach((item, i) => {
    const text = JSON.stringify(key(item));
    if (seen.has(text)) errs.push(duplicate(path.index(i), shown(item)));
    seen.add(text);
  });
}

/**
 * Checks keys and values of a map, sorted, unless there are too many; -1 for no bound.
 *
 * @param keyLength of longer keys the middle is not shown
 */
export function validateMap(
  errs: Errors,
  map: Json | undefined,
  most: number,
  keyLength: number,
  checkKey: Check<string>,
  check: Check<any>,
  path: FieldPath,
): void {
  const keys = keysOf(map);
  if (isTooMany(errs, keys.length, most, path)) return;
  for (const key of keys) {
    const place = path.key(shorten(key, keyLength));
    checkKey(errs, key, place);
    check(errs, map![key], place);
  }
}

function shorten(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const rest = most - 3;
  const head = bytes.subarray(0, Math.floor((rest + 1) / 2));
  return `${head}...${bytes.subarray(bytes.length - Math.floor(rest / 2))}`;
}

/** The key of a list of texts: the text itself. */
export const itself = (text: string): string => text;
