import { type KubeObject, readJson } from '@coxswain/machinery';
import { closingQuote } from './stored-labels.ts';

const member = Buffer.from(',"managedFields":[');
const quote = 0x22;
const openSquare = 0x5b;
const closeSquare = 0x5d;

/**
 * Parses an object but for `metadata.managedFields`, which are half of many objects and of no use to who shows them.
 *
 * @param value JSON as it is stored: without blanks
 * @param start of its metadata, after the opening brace
 * @param end of its metadata
 * @returns undefined: it has none, or they are its first member
 */
export function parseWithoutManagers(value: Buffer, start: number, end: number): KubeObject | undefined {
  // Quotes in a string are escaped: what looks like the member is it.
  const from = value.indexOf(member, start);
  if (from < 0 || from >= end) return undefined;
  let depth = 1;
  let at = from + member.length;
  for (; depth > 0; at++) {
    const byte = value[at];
    if (byte === quote) at = closingQuote(value, at + 1);
    else if (byte === openSquare) depth++;
    else if (byte === closeSquare) depth--;
    else if (byte === undefined) return undefined;
  }
  return readJson(value.toString('utf8', 0, from) + value.toString('utf8', at)) as KubeObject;
}
