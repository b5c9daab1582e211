import { ownMember, setMember } from '../json/member.ts';
import { type Atom, deduced, type ListAtom, memberAtom, settle } from './atom.ts';
import { listElement } from './list-element.ts';

type Json = Readonly<Record<string, unknown>>;

/** Merges an applied configuration into a live value: the configuration wins where both have a leaf. */
export function mergeTyped(declared: Atom, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined || live === applied) return applied;
  const atom = settle(declared, applied);
  const before = settle(declared, live);
  if (atom.kind !== before.kind || atom.kind === 'scalar') return applied;
  if (atom.kind === 'list') {
    if (atom.relation === 'atomic') return applied;
    const left = Array.isArray(live) ? live : [];
    const right = Array.isArray(applied) ? applied : [];
    return left.length === 0 && right.length === 0 ? applied : mergeLists(atom, left, right);
  }
  if (atom.atomic) return applied;
  // In place, as values nest deep.
  const right = (applied ?? {}) as Json;
  const left = (live ?? {}) as Json;
  const out: Record<string, unknown> = { ...left };
  let members = Object.keys(left).length;
  for (const name in right) {
    if (right[name] === undefined) continue;
    const member = mergeTyped(memberAtom(atom, name) ?? deduced, ownMember(left, name), right[name]);
    setMember(out, name, member);
    members++;
  }
  return members === 0 ? applied : out;
}

/**
 * Merges keyed lists. Elements of both follow the configuration's order; those only live stay in front of
 * the next shared one.
 */
function mergeLists(atom: ListAtom, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const left = addressed(atom, live);
  const right = addressed(atom, applied);
  const liveBy = uniqueBy(left);
  const appliedBy = new Map(right.map(({ element, item }) => [element, item]));
  const shared = right.filter(({ element }) => liveBy.has(element)).map(({ element }) => element);
  let nextShared = shared.shift();
  const merged = new Set<string>();
  const out: unknown[] = [];
  let l = 0;
  let r = 0;
  const takeApplied = (): void => {
    const { element, item } = right[r++] as Addressed;
    merged.add(element);
    out.push(mergeTyped(atom.items, liveBy.get(element), item));
    if (nextShared === element) nextShared = shared.shift();
  };
  while (l < left.length || r < right.length) {
    const ours = left[l];
    const theirs = right[r];
    if (ours && theirs) {
      if (ours.element === theirs.element) {
        takeApplied();
        l++;
        continue;
      }
      if (appliedBy.has(ours.element) && nextShared !== undefined && nextShared !== ours.element) {
        l++;
        continue;
      }
    }
    if (ours) {
      if (!appliedBy.has(ours.element)) {
        out.push(ours.item);
        l++;
        continue;
      }
      if (merged.has(ours.element)) l++;
    }
    if (theirs) takeApplied();
  }
  return out;
}

interface Addressed {
  readonly element: string;
  readonly item: unknown;
}

function addressed(atom: ListAtom, items: readonly unknown[]): Addressed[] {
  const out: Addressed[] = [];
  for (const item of items) {
    const element = listElement(atom, item);
    if (typeof element === 'string') out.push({ element, item });
  }
  return out;
}

/** Elements by path; duplicates stand without a value, as none of them is the one to merge with. */
function uniqueBy(items: readonly Addressed[]): Map<string, unknown> {
  const out = new Map<string, unknown>();
  for (const { element, item } of items) out.set(element, out.has(element) ? undefined : item);
  return out;
}
