import { writeJson } from '@coxswain/machinery';

/** JSON as Go's encoder writes it: keys sorted, four spaces, `<`, `>` and `&` escaped. */
export function formatJson(value: unknown, indent = 4): string {
  return write(value, ' '.repeat(indent), '\n');
}

/** One line, as `json.Marshal` writes it. */
export function compactJson(value: unknown): string {
  return write(value, '', '');
}

/** @param line what goes before an element: a newline and the indentation so far, or nothing */
function write(value: unknown, indent: string, line: string): string {
  if (typeof value === 'string') return escapeText(JSON.stringify(value));
  if (typeof value !== 'object' || value === null) return writeJson(value) ?? 'null';
  const inner = indent === '' ? '' : line + indent;
  // Loops, as values nest deep.
  let text = '';
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    for (const item of value) text += `${text === '' ? '' : ','}${inner}${write(item, indent, inner)}`;
    return `[${text}${line}]`;
  }
  // Not through an object with sorted keys: there, keys that are numbers always come first.
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (entries.length === 0) return '{}';
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const colon = indent === '' ? ':' : ': ';
  for (const entry of entries) {
    text += `${text === '' ? '' : ','}${inner}${escapeText(JSON.stringify(entry[0]))}${colon}`;
    text += write(entry[1], indent, inner);
  }
  return `{${text}${line}}`;
}

/** Escapes what Go's encoder escapes so that JSON may stand in HTML. */
export function escapeText(text: string): string {
  return text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
