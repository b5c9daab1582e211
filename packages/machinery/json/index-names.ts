import { byteOrder } from './byte-order.ts';
import { writeJson } from './json-text.ts';
import { setMember } from './member.ts';

/**
 * JavaScript gives members whose names are whole numbers before all others and by their numbers, whatever they were
 * inserted as. Go has objects with such names in maps alone, and writes those by the bytes of the names.
 */
const digitsBeforeColon = /\d":/g;

const quote = 0x22;
const comma = 0x2c;
const openCurly = 0x7b;
const blank = 0x20;
const lineBreak = 0x0a;

/** Names that begin with it are no numbers. Texts of objects hold none: what is read has whole characters only. */
const mark = '\udbff';
const marked = /"\\udbff/g;

/**
 * Whether a text that `JSON.stringify` wrote has members whose names are whole numbers. One expression for all of it
 * would have to go back so often in a large text that a slower engine takes over.
 */
export function hasIndexNames(text: string): boolean {
  digitsBeforeColon.lastIndex = 0;
  while (digitsBeforeColon.test(text)) {
    let at = digitsBeforeColon.lastIndex - '0":'.length;
    while (isDigit(text.charCodeAt(at))) at--;
    if (text.charCodeAt(at) === quote && beginsMember(text.charCodeAt(at - 1))) {
      digitsBeforeColon.lastIndex = 0;
      return true;
    }
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** What stands before a name: the end of a member or the beginning of an object, or white space. */
function beginsMember(code: number): boolean {
  return code === comma || code === openCurly || code === blank || code === lineBreak;
}

/** As `writeJson`, with the members of objects that have such a name in the order of their bytes. */
export function stringifyIndexNames(value: unknown, indent?: number): string {
  return writeJson(inByteOrder(value), indent).replace(marked, '"');
}

function inByteOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inByteOrder);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value);
  // They come first.
  const first = names[0];
  const hasIndexes = first !== undefined && isIndex(first);
  if (hasIndexes) names.sort(byteOrder);
  const out: Record<string, unknown> = {};
  for (const name of names) {
    const member = inByteOrder((value as Record<string, unknown>)[name]);
    setMember(out, hasIndexes ? mark + name : name, member);
  }
  return out;
}

function isIndex(name: string): boolean {
  return String(Number(name) >>> 0) === name;
}
