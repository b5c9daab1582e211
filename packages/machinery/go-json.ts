import { byteOrder } from './json/byte-order.ts';
import { hasIndexNames, stringifyIndexNames } from './json/index-names.ts';
import { writeJson } from './json/json-text.ts';

/**
 * JSON as Go's json.Marshal writes it: what HTML could misread is escaped. Members stay in their order, but for those
 * of maps with names that are whole numbers: these are sorted.
 * @param indent blanks by which a level is indented; absent: all stands in one line
 */
export function goJson(value: unknown, indent?: number): string {
  const text = writeJson(value, indent);
  return (hasIndexNames(text) ? stringifyIndexNames(value, indent) : text).replace(
    /[<>&\u2028\u2029]/g,
    (ch) => `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON text without the white space around its values, as Go's json.Compact leaves it; undefined where it is none. */
export function compactJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part.startsWith('"') ? part : ''));
}

/** As `goJson` for what Go holds in maps: members in the order of their names' bytes. */
export function goMapJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return goJson(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${goMapJson(item)}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value).sort(byteOrder)) {
    const member: unknown = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${goJson(name)}:${goMapJson(member)}`;
  }
  return `{${text}}`;
}
