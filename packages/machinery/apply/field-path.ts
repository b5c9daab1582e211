import { goQuote } from '../field-error.ts';
import { goFloat } from '../go-float.ts';
import { readJson, writeJson } from '../json/json-text.ts';
import { type FieldSet, isMember } from './field-set.ts';

const known = new Map<string, string>();
/** They are forgotten all at once. */
const knownLimit = 20_000;

/** The path element of a field or member of a map: `f:name`. */
export function fieldElement(name: string): string {
  let element = known.get(name);
  if (element === undefined) {
    element = `f:${name}`;
    if (known.size >= knownLimit) known.clear();
    known.set(name, element);
  }
  return element;
}

/** Prints path elements as upstream does: `.spec.containers[name="main"].image`. */
export function pathText(elements: readonly string[]): string {
  return elements.map(elementText).join('');
}

export function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'k': {
      const fields = Object.entries(readJson(rest) as Record<string, unknown>);
      return `[${fields.map(([name, value]) => `${name}=${valueText(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${valueText(readJson(rest))}]`;
    default:
      return `[${rest}]`;
  }
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  // Upstream reads keys of managers back as float64.
  return typeof value === 'number' || typeof value === 'bigint' ? goFloat(Number(value)) : writeJson(value);
}

/** Calls `visit` for each path: at each level first the paths that end there, then those below. */
export function forEachPath(set: FieldSet, visit: (elements: readonly string[]) => void): void {
  walk(set, [], visit);
}

function walk(set: FieldSet, prefix: readonly string[], visit: (elements: readonly string[]) => void): void {
  const elements = Object.keys(set)
    .filter((element) => element !== '.')
    .sort();
  for (const element of elements) {
    if (isMember(set[element] as FieldSet)) visit([...prefix, element]);
  }
  for (const element of elements) walk(set[element] as FieldSet, [...prefix, element], visit);
}

/** Whether `value` is a well-formed FieldsV1. */
export function isFieldsV1(value: unknown): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const element in value) {
    if (!isElement(element) || !isFieldsV1((value as Record<string, unknown>)[element])) return false;
  }
  return true;
}

function isElement(element: string): boolean {
  if (element === '.') return true;
  if (element[1] !== ':') return false;
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return true;
    case 'i':
      return /^-?\d+$/.test(rest);
    case 'k':
    case 'v':
      return isJson(rest);
    default:
      return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
