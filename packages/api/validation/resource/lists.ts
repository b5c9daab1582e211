import { duplicate, type FieldPath, tooMany, writeJson } from '@coxswain/machinery';
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

/** What a set must keep to. */
interface SetRules<T> {
  /** -1 for no bound. */
  readonly most: number;
  readonly check: Check<T>;
  readonly key: (item: T) => unknown;
  /** How a key that occurs twice is printed; absent: as it is. */
  readonly shown?: (item: T) => unknown;
}

/** As `validateSlice`, and no two items have the same key. */
export function validateSet<T>(
  errs: Errors,
  items: readonly T[] | undefined,
  { most, check, key, shown = key }: SetRules<T>,
  path: FieldPath,
): void {
  if (isTooMany(errs, items?.length ?? 0, most, path)) return;
  validateSlice(errs, items, most, check, path);
  const seen = new Set<string>();
  items?.forEach((item, i) => {
    const text = writeJson(key(item));
    if (seen.has(text)) errs.push(duplicate(path.index(i), shown(item)));
    seen.add(text);
  });
}

/** What a map must keep to. */
interface MapRules {
  /** -1 for no bound. */
  readonly most: number;
  /** Of longer keys the middle is not shown. */
  readonly keyLength: number;
  readonly checkKey: Check<string>;
  readonly check: Check<any>;
}

/** Checks keys and values of a map, sorted, unless there are too many. */
export function validateMap(
  errs: Errors,
  map: Json | undefined,
  { most, keyLength, checkKey, check }: MapRules,
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
