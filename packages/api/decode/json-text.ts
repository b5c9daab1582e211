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
