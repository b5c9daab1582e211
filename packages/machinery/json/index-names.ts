import { byteOrder } from './byte-order.ts';
import { writeJson } from './json-text.ts';
import { setMember } from './member.ts';

/**
 * JavaScript gives members whose names are whole numbers before all others and by their numbers, whatever they were
 * inserted as. Go has objects with such names in maps alone, and writes those by the bytes of the names.
 */
const indexMember = /[{,]\s*"(?:0|[1-9]\d*)":/;

/** Found fast, and in every text that has such a member. */
const digitsBeforeColon = /\d":/;

/** Names that begin with it are no numbers. Texts of objects hold none: what is read has whole characters only. */
const mark = '\udbff';
const marked = /"\\udbff/g;

/** Whether a text that `JSON.stringify` wrote has members whose names are whole numbers. */
export function hasIndexNames(text: string): boolean {
  return digitsBeforeColon.test(text) && indexMember.test(text);
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
