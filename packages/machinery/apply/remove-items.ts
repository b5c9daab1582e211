import { setMember } from '../json/member.ts';
import { type Atom, deduced, memberAtom, settle } from './atom.ts';
import { type FieldSet, isMember } from './field-set.ts';
import { listElement } from './list-element.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Stands where all that a member or an item had was taken out: upstream compares it as something empty that is still
 * there, so that others go on owning it.
 */
const emptied: Json = Object.freeze({});

/**
 * Takes the paths of a set out of a value, with all that is below them. Shares what stays.
 * @returns `emptied` where nothing is left, which `withoutEmptied` takes away in the end
 */
export function removeItems(declared: Atom, value: unknown, toRemove: FieldSet): unknown {
  const atom = settle(declared, value);
  if (atom.kind === 'scalar' || typeof value !== 'object' || value === null) return value;
  if (atom.kind === 'list') {
    if (!Array.isArray(value) || value.length === 0 || atom.relation === 'atomic') return emptied;
    const kept: unknown[] = [];
    for (const item of value) {
      const element = listElement(atom, item);
      const node = typeof element === 'string' ? toRemove[element] : undefined;
      if (node === undefined) kept.push(item);
      else if (!isMember(node)) kept.push(removeItems(atom.items, item, node));
    }
    return kept.length === 0 ? emptied : kept;
  }
  if (atom.atomic) return emptied;
  const kept: Record<string, unknown> = {};
  let members = 0;
  for (const name in value) {
    const node = toRemove[`f:${name}`];
    let member = (value as Json)[name];
    if (node !== undefined) {
      if (isMember(node)) continue;
      member = removeItems(memberAtom(atom, name) ?? deduced, member, node);
    }
    if (member === undefined) continue;
    setMember(kept, name, member);
    members++;
  }
  return members === 0 ? emptied : kept;
}

/** The value without what became empty. Shares what stays. */
export function withoutEmptied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    let same = true;
    for (const item of value) {
      const rest = item === emptied ? undefined : withoutEmptied(item);
      if (rest !== item) same = false;
      if (rest !== undefined) items.push(rest);
    }
    return same ? value : items;
  }
  let kept: Record<string, unknown> | undefined;
  for (const name in value) {
    const member = (value as Json)[name];
    const rest = member === emptied ? undefined : withoutEmptied(member);
    if (rest === member) continue;
    kept ??= { ...value };
    if (rest === undefined) delete kept[name];
    else kept[name] = rest;
  }
  return kept ?? value;
}
