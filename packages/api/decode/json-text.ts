import { maxNesting } from '@coxswain/machinery';

/** Go's words for a document that nests too deep. */
export const tooDeep = 'exceeded max depth';

/**
 * What `JSON.parse` cannot tell about a text that it accepts: how many members its objects have (fewer are left
 * when names occur twice), whether all numbers are plain integers that a double holds exactly, and how deep objects
 * and arrays lie in one another.
 */
export interface JsonTextTraits {
  readonly members: number;
  readonly plainNumbers: boolean;
  readonly depth: number;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const dot = 0x2e;
// `{` and `[` differ in one bit, and so do `}` and `]`: 0x7b, 0x5b, 0x7d, 0x5d.
/** Digits that a double holds without loss. */
const exactDigits = 15;

/** Looks once over a valid JSON text; strings are skipped by search, so most of the text is never visited. */
export function jsonTextTraits(text: string): JsonTextTraits {
  let members = 0;
  let plainNumbers = true;
  let digits = 0;
  let open = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      i = endOfString(text, i);
      digits = 0;
    } else if (code >= 0x30 && code <= 0x39) {
      if (++digits > exactDigits) plainNumbers = false;
    } else {
      if (code === colon) members++;
      else if (code === dot || (digits > 0 && (code | 0x20) === 0x65)) plainNumbers = false;
      else if ((code | 0x20) === 0x7b) {
        if (++open > depth) depth = open;
      } else if ((code | 0x20) === 0x7d) open--;
      digits = 0;
    }
  }
  return { members, plainNumbers, depth };
}

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    i = text.indexOf('"', i);
    if (i < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return i;
  }
}

/** What is wrong with the nesting of a valid JSON text; undefined where nothing is. */
export function jsonDepthFault(text: string): string | undefined {
  return jsonTextTraits(text).depth > maxNesting ? tooDeep : undefined;
}

/** Whether an object of a JSON text names a member twice; `value` is what was parsed from it. */
export function namesTwice(text: string, value: unknown): boolean {
  return jsonTextTraits(text).members !== countMembers(value);
}

/** How many members the objects in a value have. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const key of Object.keys(value)) count += 1 + countMembers((value as Record<string, unknown>)[key]);
  return count;
}
