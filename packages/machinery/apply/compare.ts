import type { TypeFact } from '../facts.ts';
import { deepEqual } from '../json/deep-equal.ts';
import { ownMember } from '../json/member.ts';
import { type Atom, atomOfType, deduced, type ListAtom, type MapAtom, memberAtom, settle } from './atom.ts';
import { fieldElement } from './field-path.ts';
import { emptySet, type FieldSet, leaf, type MutableFieldSet } from './field-set.ts';
import { groupElements, listElement } from './list-element.ts';
import { unownedMetadata } from './unowned.ts';
import { zeroObject } from './zero-object.ts';

type Json = Readonly<Record<string, unknown>>;

/** What an update did to an object. */
export interface Comparison {
  /** Paths added or modified. */
  readonly changed: FieldSet;
  /** Paths removed. */
  readonly removed: FieldSet;
}

/** Members that nobody owns. */
const notObject: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
const nothing: ReadonlySet<string> = new Set();
const unownedOnUpdate: ReadonlySet<string> = new Set(unownedMetadata);

/** A creation does not set these, whatever it says. */
const unownedOnCreate: ReadonlySet<string> = new Set([
  ...unownedMetadata,
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/** Compares two objects in one walk; `before` is undefined when the object is new. */
export function compareObjects(
  before: Json | undefined,
  after: Json,
  type: TypeFact | undefined,
): Comparison {
  const root = settle(atomOfType(type), {}) as MapAtom;
  const from = before ?? (type ? zeroObject(type) : {});
  const walk = new Walk();
  const sink = new Sink();
  walk.maps(root, from, after, sink, notObject);
  const metadata = settle(memberAtom(root, 'metadata') ?? deduced, {}) as MapAtom;
  const below = new Sink();
  const skipped = before === undefined ? unownedOnCreate : unownedOnUpdate;
  walk.maps(metadata, asMap(from['metadata']), asMap(after['metadata']), below, skipped);
  walk.finish();
  sink.take('f:metadata', below, false);
  return { changed: sink.changed ?? emptySet, removed: sink.removed ?? emptySet };
}

/** Collects what is below one node. */
class Sink {
  changed: MutableFieldSet | undefined;
  removed: MutableFieldSet | undefined;

  change(element: string, node: FieldSet): void {
    this.changed ??= {};
    this.changed[element] = node;
  }

  remove(element: string, node: FieldSet): void {
    this.removed ??= {};
    this.removed[element] = node;
  }

  /** Puts what was found below `element` in its place. */
  take(element: string, below: Sink, changedItself: boolean): void {
    if (below.changed) this.change(element, changedItself ? { '.': leaf, ...below.changed } : below.changed);
    else if (changedItself) this.change(element, leaf);
    if (below.removed) this.remove(element, below.removed);
  }
}

/** A map or list that is there before and after, and may differ within. */
interface Part {
  readonly atom: MapAtom | ListAtom;
  readonly before: unknown;
  readonly after: unknown;
  readonly element: string;
  /** Where the part belongs. */
  readonly sink: Sink;
  readonly below: Sink;
}

/** Goes from part to part without following them on the stack: objects nest deep. */
class Walk {
  /** In the order of finding: a part stands after the one that it is part of. */
  readonly #parts: Part[] = [];

  /** Compares the parts that were found, and those found in them. */
  finish(): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i++) {
      const { atom, before, after, below } = parts[i] as Part;
      if (atom.kind === 'list') this.#lists(atom, asList(before), asList(after), below);
      else this.maps(atom, asMap(before), asMap(after), below);
    }
    for (let i = parts.length - 1; i >= 0; i--) {
      const { sink, element, below } = parts[i] as Part;
      sink.take(element, below, false);
    }
  }

  maps(atom: MapAtom, before: Json, after: Json, sink: Sink, skipped = nothing): void {
    for (const name in after) {
      const value = after[name];
      const was = ownMember(before, name);
      if (value !== was && value !== undefined && !skipped.has(name)) {
        this.#member(memberAtom(atom, name), was, value, fieldElement(name), sink);
      }
    }
    for (const name in before) {
      if (ownMember(after, name) === undefined && before[name] !== undefined && !skipped.has(name)) {
        this.#member(memberAtom(atom, name), before[name], undefined, fieldElement(name), sink);
      }
    }
  }

  #lists(atom: ListAtom, before: readonly unknown[], after: readonly unknown[], sink: Sink): void {
    const left = groupElements(atom, before);
    const right = groupElements(atom, after);
    for (const [element, items] of right) this.#elements(atom, element, left.get(element) ?? [], items, sink);
    for (const [element, items] of left) {
      if (!right.has(element)) this.#elements(atom, element, items, [], sink);
    }
  }

  /** Elements with one path: duplicates are owned together, as one value. */
  #elements(
    atom: ListAtom,
    element: string,
    before: readonly unknown[],
    after: readonly unknown[],
    sink: Sink,
  ): void {
    if (before.length <= 1 && after.length <= 1) {
      this.#member(atom.items, before[0], after[0], element, sink);
    } else if (before.length >= 2 && after.length >= 2) {
      if (!deepEqual(before, after)) sink.change(element, leaf);
    } else if (before.length >= 2) {
      if (after.length > 0) sink.change(element, wholeValue(atom.items, after[0]));
      sink.remove(element, leaf);
    } else {
      if (before.length > 0) sink.remove(element, wholeValue(atom.items, before[0]));
      sink.change(element, leaf);
    }
  }

  #member(declared: Atom | undefined, before: unknown, after: unknown, element: string, sink: Sink): void {
    if (before === after) return;
    const atom = declared ?? deduced;
    if (before === undefined) {
      sink.change(element, wholeValue(atom, after));
      return;
    }
    if (after === undefined) {
      sink.remove(element, wholeValue(atom, before));
      return;
    }
    const left = settle(atom, before);
    const right = settle(atom, after);
    if (left.kind !== right.kind) {
      this.#shapes(left, before, right, after, element, sink);
    } else if (right.kind === 'scalar' || isLeaf(right, before, after)) {
      if (!deepEqual(before, after)) sink.change(element, leaf);
    } else {
      // Most lists are as they were, and to compare them element by element takes several times as long.
      if (right.kind === 'list' && deepEqual(before, after)) return;
      this.#parts.push({ atom: right, before, after, element, sink, below: new Sink() });
    }
  }

  /** A deduced value became another kind of value. */
  #shapes(left: Atom, before: unknown, right: Atom, after: unknown, element: string, sink: Sink): void {
    const below = new Sink();
    if (left.kind === 'map') this.maps(left, asMap(before), {}, below);
    if (right.kind === 'map') this.maps(right, {}, asMap(after), below);
    sink.take(element, below, true);
  }
}

function isLeaf(atom: Atom, before: unknown, after: unknown): boolean {
  if (atom.kind === 'list') return atom.relation === 'atomic' || (isBlank(before) && isBlank(after));
  if (atom.kind === 'map') return atom.atomic || (isBlank(before) && isBlank(after));
  return true;
}

function isBlank(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  for (const name in value) {
    if ((value as Json)[name] !== undefined) return false;
  }
  return true;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asMap(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** All paths of a value that came or went as a whole. */
function wholeValue(declared: Atom, value: unknown): FieldSet {
  const atom = settle(declared, value);
  if (atom.kind === 'scalar' || isLeaf(atom, value, undefined)) return leaf;
  if (atom.kind === 'list') return wholeList(atom, asList(value));
  const out: MutableFieldSet = { '.': leaf };
  const members = asMap(value);
  for (const name in members) {
    if (members[name] === undefined) continue;
    out[fieldElement(name)] = wholeValue(memberAtom(atom, name) ?? deduced, members[name]);
  }
  return out;
}

function wholeList(atom: ListAtom, items: readonly unknown[]): FieldSet {
  const out: MutableFieldSet = { '.': leaf };
  for (const item of items) {
    const element = listElement(atom, item);
    if (typeof element === 'string') {
      out[element] = out[element] === undefined ? wholeValue(atom.items, item) : leaf;
    }
  }
  return out;
}
