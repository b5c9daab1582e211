import { type Atom, deduced, memberAtom, settle } from './atom.ts';
import { fieldElement } from './field-path.ts';
import { emptySet, type FieldSet, isEmptySet, leaf, type MutableFieldSet } from './field-set.ts';
import { listElement } from './list-element.ts';

type Json = Readonly<Record<string, unknown>>;

/** The paths that an applied configuration owns: leaves, members of maps and elements of lists. */
export function toFieldSet(declared: Atom, value: unknown): FieldSet {
  return below(declared, value) ?? emptySet;
}

/** Paths below a value; undefined where the value itself is the leaf. */
function below(declared: Atom, value: unknown): FieldSet | undefined {
  const atom = settle(declared, value);
  if (atom.kind === 'scalar') return undefined;
  const out: MutableFieldSet = {};
  if (atom.kind === 'list') {
    if (atom.relation === 'atomic') return undefined;
    for (const item of Array.isArray(value) ? value : []) {
      const element = listElement(atom, item);
      if (typeof element === 'string') out[element] = owned(below(atom.items, item));
    }
    return out;
  }
  if (atom.atomic) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return out;
  for (const name in value) {
    const member = (value as Json)[name];
    if (member === undefined) continue;
    const node = below(memberAtom(atom, name) ?? deduced, member);
    // A declared field with others below it is owned through them; a member of a map always by itself.
    if (node === undefined || isBlank(member) || !atom.fields.has(name))
      out[fieldElement(name)] = owned(node);
    else if (!isEmptySet(node)) out[fieldElement(name)] = node;
  }
  return out;
}

function owned(node: FieldSet | undefined): FieldSet {
  return node === undefined || isEmptySet(node) ? leaf : { '.': leaf, ...node };
}

function isBlank(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** Adds to a set each declared field that has paths below it. */
export function withNamedFields(set: FieldSet, declared: Atom | undefined): FieldSet {
  const out: MutableFieldSet = {};
  for (const element in set) {
    const node = set[element] as FieldSet;
    if (element === '.' || isEmptySet(node)) {
      out[element] = node;
      continue;
    }
    const named =
      element.startsWith('f:') && declared?.kind === 'map' && declared.fields.has(element.slice(2));
    const deeper = withNamedFields(node, childAtom(declared, element));
    out[element] = named && deeper['.'] === undefined ? { '.': leaf, ...deeper } : deeper;
  }
  return out;
}

function childAtom(declared: Atom | undefined, element: string): Atom | undefined {
  if (declared?.kind === 'map') return memberAtom(declared, element.slice(2));
  if (declared?.kind === 'list') return declared.items;
  return declared;
}
