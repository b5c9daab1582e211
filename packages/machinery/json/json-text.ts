import { int64 } from './int64.ts';

/** What the standard library's types do not know yet: sources of primitives, and texts written as they are. */
const json = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, at: { source?: string }) => unknown): unknown;
  rawJSON(source: string): unknown;
};

/** More digits in a row than every double holds. */
const manyDigits = 16;

/**
 * `JSON.parse` for objects of the API: whole numbers of 64 bits stay whole, as bigints where no double holds them.
 * @throws SyntaxError
 */
export function readJson(text: string): any {
  return hasManyDigits(text) ? json.parse(text, exact) : JSON.parse(text);
}

/** So many in a row cover a place of every sixteen: the others need not be looked at. */
function hasManyDigits(text: string): boolean {
  for (let i = manyDigits - 1; i < text.length; i += manyDigits) {
    if (!isDigit(text, i)) continue;
    let first = i;
    while (isDigit(text, first - 1)) first--;
    let end = i + 1;
    while (isDigit(text, end)) end++;
    if (end - first >= manyDigits) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function exact(_: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
  return int64(source) ?? value;
}

/** `JSON.stringify` of what `readJson` gives. @param indent blanks of a level; absent: all stands in one line */
export function writeJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    // Bigints are all that it does not take, and rare.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, raw, indent);
  }
}

function raw(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? json.rawJSON(String(value)) : value;
}
