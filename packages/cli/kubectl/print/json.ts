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
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${value.map((item) => inner + write(item, indent, inner)).join(',')}${line}]`;
  }
  // Not through an object with sorted keys: there, keys that are numbers always come first.
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (entries.length === 0) return '{}';
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const colon = indent === '' ? ':' : ': ';
  const members = entries.map(
    ([key, member]) => inner + escapeText(JSON.stringify(key)) + colon + write(member, indent, inner),
  );
  return `{${members.join(',')}${line}}`;
}

/** Escapes what Go's encoder escapes so that JSON may stand in HTML. */
export function escapeText(text: string): string {
  return text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
