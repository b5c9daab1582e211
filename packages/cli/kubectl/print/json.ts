/** JSON as Go's encoder writes it: keys sorted, four spaces, `<`, `>` and `&` escaped. */
export function formatJson(value: unknown, indent = 4): string {
  return escapeHtml(JSON.stringify(sorted(value), undefined, indent)).replaceAll(
    /^( *.*)\{\n *\}$/gm,
    '$1{}',
  );
}

/** One line, as `json.Marshal` writes it. */
export function compactJson(value: unknown): string {
  return escapeHtml(JSON.stringify(sorted(value)) ?? 'null');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** The value with the keys of its objects in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
