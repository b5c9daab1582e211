import { goJson } from '../go-json.ts';
import type { ListAtom } from './atom.ts';

/** Text that is the same in JSON, and in JSON as Go writes it. */
const plain = /^[\w ./:@=+,;-]*$/;

function elementJson(value: unknown): string {
  return typeof value === 'string' && plain.test(value) ? `"${value}"` : goJson(value);
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
    return `v:${elementJson(item)}`;
  }
  if (item === null) return { error: 'associative list with keys may not have a null element' };
  if (typeof item !== 'object' || Array.isArray(item)) {
    return { error: 'associative list with keys may not have non-map elements' };
  }
  const [single] = atom.keys;
  if (atom.keys.length === 1) {
    const value = (item as Record<string, unknown>)[single as string];
    if (typeof value === 'string') return keyElement(single as string, value);
  }
  let text = '';
  for (const key of atom.keys) {
    const value = (item as Record<string, unknown>)[key] ?? atom.keyDefaults.get(key);
    if (value === undefined) continue;
    text += `${text === '' ? 'k:{' : ','}"${key}":${elementJson(value)}`;
  }
  if (text === '') {
    const names = atom.keys.map((key) => `"${key}"`).join(' ');
    return {
      error: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    };
  }
  return `${text}}`;
}

/** Elements of lists with one key, by the key's name and its value: the same names come over and over. */
const known = new Map<string, Map<string, string>>();
/** Of each name; they are forgotten all at once. */
const knownLimit = 10_000;

function keyElement(name: string, value: string): string {
  let ofName = known.get(name);
  if (ofName === undefined) {
    ofName = new Map();
    known.set(name, ofName);
  }
  let element = ofName.get(value);
  if (element === undefined) {
    element = `k:{"${name}":${elementJson(value)}}`;
    if (ofName.size >= knownLimit) ofName.clear();
    ofName.set(value, element);
  }
  return element;
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
