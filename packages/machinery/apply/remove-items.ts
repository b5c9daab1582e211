import { setMember } from '../json/member.ts';
import { type Atom, deduced, memberAtom, settle } from './atom.ts';
import { type FieldSet, isMember } from './field-set.ts';
import { listElement } from './list-element.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Takes the paths of a set out of a value, with all that is below them. Shares what stays.
 * @returns undefined when nothing is left
 */
export function removeItems(declared: Atom, value: unknown, toRemove: FieldSet): unknown {
  const atom = settle(declared, value);
  if (atom.kind === 'scalar' || typeof value !== 'object' || value === null) return value;
  if (atom.kind === 'list') {
    if (!Array.isArray(value) || value.length === 0 || atom.relation === 'atomic') return undefined;
    const kept: unknown[] = [];
    for (const item of value) {
      const element = listElement(atom, item);
      const node = typeof element === 'string' ? toRemove[element] : undefined;
      if (node === undefined) kept.push(item);
      else if (!isMember(node)) kept.push(removeItems(atom.items, item, node));
    }
    return kept.length === 0 ? undefined : kept;
  }
  if (atom.atomic) return undefined;
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
  return members === 0 ? undefined : kept;
}
