import { maxNesting, setMember } from '@coxswain/machinery';
import { parseFast } from '../decode-json.ts';
import { countMembers, jsonTextTraits } from '../json-text.ts';

/** What YAML reads otherwise than JSON, or not at all: two escapes, line breaks of its own, control characters. */
const special = /[\x7f-\x9f\u2028\u2029\ufeff\ufffd-\uffff]|\\(?:\/|u[dD][89a-fA-F])/;
/** A key in YAML may not be much longer, with its quotes. */
const longestKey = 1000;

/**
 * What most YAML bodies are: JSON, which YAML reads the same unless it has something rare in it. Undefined where it
 * may have.
 */
export function jsonAsYaml(text: string): unknown {
  if (text[0] !== '{' || special.test(text) || !text.isWellFormed()) return undefined;
  const value = parseFast(text);
  if (value === undefined) return undefined;
  const { members, plainNumbers, depth } = jsonTextTraits(text);
  if (!plainNumbers || depth > maxNesting || members !== countMembers(value)) return undefined;
  return sorted(value);
}

/** A copy with the members of every object in the order of their names; undefined where one is too long. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    return items.includes(undefined) ? undefined : items;
  }
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) {
    const member = name.length > longestKey ? undefined : sorted((value as Record<string, unknown>)[name]);
    if (member === undefined) return undefined;
    setMember(out, name, member);
  }
  return out;
}
