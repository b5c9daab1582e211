import { deepEqual } from '@coxswain/machinery';

/** A document of Swagger 2 or a part of one. */
export type Document = Record<string, any>;

const sections = ['definitions', 'parameters'] as const;

/**
 * Adds to a document of Swagger 2 what another server's says of one group version: its paths and what they refer
 * to. Definitions of equal name that differ are both kept, the added one under another name. Changes `base`.
 */
export function mergeSwagger(base: Document, added: Document, group: string, version: string): void {
  const prefix = `/apis/${group}/${version}/`;
  const paths: Document = {};
  for (const [path, item] of Object.entries<Document>(added['paths'] ?? {})) {
    if (`${path}/`.startsWith(prefix)) paths[path] = item;
  }
  const needed = referredBy(paths, added);
  const renamed = new Map<string, string>();
  for (const reference of needed) {
    const name = freeName(base, added, reference);
    if (name !== reference) renamed.set(reference, name);
  }
  for (const reference of needed) {
    const to = renamed.get(reference) ?? reference;
    const [section, name] = splitReference(to);
    base[section] ??= {};
    const target: Document = base[section];
    target[name] ??= withReferences(lookUp(added, reference), renamed);
  }
  base['paths'] = { ...base['paths'], ...(withReferences(paths, renamed) as Document) };
}

/** `#/definitions/x` of everything that `part` refers to, also by way of others. */
function referredBy(part: unknown, document: Document): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      const reference = (value as Document)['$ref'];
      if (typeof reference === 'string' && isKnown(reference) && !found.has(reference)) {
        found.add(reference);
        look(lookUp(document, reference));
      }
      Object.values(value).forEach(look);
    }
  };
  look(part);
  return found;
}

function isKnown(reference: string): boolean {
  return sections.some((section) => reference.startsWith(`#/${section}/`));
}

function splitReference(reference: string): readonly [section: string, name: string] {
  const slash = reference.indexOf('/', 2);
  return [
    reference.slice(2, slash),
    reference
      .slice(slash + 1)
      .replaceAll('~1', '/')
      .replaceAll('~0', '~'),
  ];
}

function lookUp(document: Document, reference: string): unknown {
  const [section, name] = splitReference(reference);
  return document[section]?.[name];
}

/** The reference itself where the base has nothing else of that name. */
function freeName(base: Document, added: Document, reference: string): string {
  const wanted = lookUp(added, reference);
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? reference : `${reference}_v${i}`;
    const there = lookUp(base, candidate);
    if (there === undefined || deepEqual(there, wanted)) return candidate;
  }
}

function withReferences(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (renamed.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => withReferences(one, renamed));
  const copy: Document = {};
  for (const [key, member] of Object.entries(value)) {
    copy[key] =
      key === '$ref' && typeof member === 'string'
        ? (renamed.get(member) ?? member)
        : withReferences(member, renamed);
  }
  return copy;
}
