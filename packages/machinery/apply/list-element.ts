import type { ListAtom } from './atom.ts';

/** Go's JSON encoder writes these as escapes. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value);
  return /[<>&\u2028\u2029]/.test(text)
    ? text.replace(/[<>&\u2028\u2029]/g, (ch) => `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text;
}

/**
 * The path element of an element of a set or of a keyed list.
 * @returns an error's text in an object when the element cannot be addressed
 */
export function listElement(atom: ListAtom, item: unknown): string | { readonly error: string } {
  if (atom.relation === 'set') {
    if (item === null)
      return { error: "associative list without keys has an element that's an explicit null" };
    if (Array.isArray(item)) return { error: 'not supported: associative lists with lists as elements' };
    if (typeof item === 'object')
      return { error: "associative list without keys has an element that's a map type" };
    return `v:${goJson(item)}`;
  }
  if (item === null) return { error: 'associative list with keys may not have a null element' };
  if (typeof item !== 'object' || Array.isArray(item)) {
    return { error: 'associative list with keys may not have non-map elements' };
  }
  let text = '';
  for (const key of atom.keys) {
    const value = (item as Record<string, unknown>)[key] ?? atom.keyDefaults.get(key);
    if (value === undefined) continue;
    text += `${text === '' ? 'k:{' : ','}"${key}":${goJson(value)}`;
  }
  if (text === '') {
    const names = atom.keys.map((key) => `"${key}"`).join(' ');
    return {
      error: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    };
  }
  return `${text}}`;
}

/** Groups a list's elements by their path element; those that cannot be addressed are left out. */
export function groupElements(
  atom: ListAtom,
  items: readonly unknown[] | null | undefined,
): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items ?? []) {
    const element = listElement(atom, item);
    if (typeof element !== 'string') continue;
    const group = groups.get(element);
    if (group) group.push(item);
    else groups.set(element, [item]);
  }
  return groups;
}
