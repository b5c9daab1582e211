/**
 * A set of field paths in the shape of FieldsV1: each member is a path element (`f:name`, `k:{...}`, `v:...`,
 * `i:0`) and holds what is below it; `.` marks that the node's own path is in the set, and so does being
 * empty. Immutable: operations share what they do not change. The root has no path, so `{}` there is empty.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set under construction. */
export interface MutableFieldSet {
  [element: string]: FieldSet;
}

/** The empty set; below the root: a path without others below it. */
export const emptySet: FieldSet = Object.freeze({});

/** A leaf; the same value, named for what it means below the root. */
export const leaf: FieldSet = emptySet;

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether a node below the root stands for its own path, and not only for those below it. */
export function isMember(node: FieldSet): boolean {
  return node['.'] !== undefined || isEmptySet(node);
}

/** Both sets' paths. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  let out: MutableFieldSet | undefined;
  for (const element in b) {
    if (element === '.') continue;
    const theirs = b[element] as FieldSet;
    const ours = a[element];
    const merged = ours === undefined ? theirs : unionBelow(ours, theirs);
    if (merged === ours) continue;
    out ??= { ...a };
    out[element] = merged;
  }
  return out ?? a;
}

function unionBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const member = isMember(a) || isMember(b);
  const merged = union(a, b);
  return member ? withSelf(merged) : merged;
}

/** Marks a node that has others below it as a path of its own. */
function withSelf(node: FieldSet): FieldSet {
  return node['.'] !== undefined || isEmptySet(node) ? node : { '.': leaf, ...node };
}

/** A node with these below it; undefined when nothing is left. */
function rebuilt(member: boolean, below: FieldSet): FieldSet | undefined {
  if (isEmptySet(below)) return member ? leaf : undefined;
  return member ? withSelf(below) : below;
}

/** The paths of `a` that are not in `b`; what is below such a path is judged by itself. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let out: MutableFieldSet | undefined;
  for (const element in b) {
    const ours = a[element];
    if (ours === undefined || element === '.') continue;
    const left = differenceBelow(ours, b[element] as FieldSet);
    if (left === ours) continue;
    out ??= { ...a };
    if (left === undefined) delete out[element];
    else out[element] = left;
  }
  return out ?? a;
}

/** The same of two nodes below the root; undefined when nothing is left, the very node when all of it is. */
function differenceBelow(ours: FieldSet, theirs: FieldSet): FieldSet | undefined {
  const left = difference(ours, theirs);
  if (isMember(ours) && isMember(theirs)) {
    const below = withoutSelf(left);
    return isEmptySet(below) ? undefined : below;
  }
  if (left === ours) return ours;
  for (const element in left) if (element !== '.') return left;
  return isEmptySet(left) ? undefined : leaf;
}

function withoutSelf(node: FieldSet): FieldSet {
  if (node['.'] === undefined) return node;
  const { '.': _, ...below } = node;
  return below;
}

/** Whether a rebuilt node says the same as the one it was built from. */
function sameNode(rebuiltNode: FieldSet, original: FieldSet): boolean {
  if (rebuiltNode === original) return true;
  if (isMember(rebuiltNode) !== isMember(original)) return false;
  let members = 0;
  for (const element in rebuiltNode) {
    if (element === '.') continue;
    if (rebuiltNode[element] !== original[element]) return false;
    members++;
  }
  for (const element in original) {
    if (element !== '.') members--;
  }
  return members === 0;
}

/** The paths of `a` that are neither in `b` nor below a path in `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  let out: MutableFieldSet | undefined;
  for (const element in b) {
    const ours = a[element];
    if (ours === undefined || element === '.') continue;
    const theirs = b[element] as FieldSet;
    const left = isMember(theirs)
      ? undefined
      : rebuilt(isMember(ours), withoutSelf(recursiveDifference(ours, theirs)));
    if (left !== undefined && sameNode(left, ours)) continue;
    out ??= { ...a };
    if (left === undefined) delete out[element];
    else out[element] = left;
  }
  return out ?? a;
}

/** The paths in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const out: MutableFieldSet = {};
  for (const element in b) {
    const ours = a[element];
    if (ours === undefined || element === '.') continue;
    const theirs = b[element] as FieldSet;
    const both = rebuilt(isMember(ours) && isMember(theirs), intersection(ours, theirs));
    if (both !== undefined) out[element] = both;
  }
  return out;
}

/** Whether both hold the same paths. */
export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (isEmptySet(a) || isEmptySet(b)) return isEmptySet(a) && isEmptySet(b);
  return sameBelow(a, b);
}

function sameBelow(a: FieldSet, b: FieldSet): boolean {
  let members = 0;
  for (const element in a) {
    if (element === '.') continue;
    members++;
    const ours = a[element] as FieldSet;
    const theirs = b[element];
    if (theirs === undefined) return false;
    if (ours !== theirs && (isMember(ours) !== isMember(theirs) || !sameBelow(ours, theirs))) return false;
  }
  for (const element in b) {
    if (element !== '.') members--;
  }
  return members === 0;
}

/** Whether the path, given by its elements, is in the set. */
export function hasPath(set: FieldSet, elements: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of elements) {
    node = node[element];
    if (node === undefined) return false;
  }
  return node !== set && isMember(node);
}

/** Builds a set of paths of plain field names: `fieldSetOf(['status'], ['metadata', 'labels'])`. */
export function fieldSetOf(...paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) => union(set, singlePath(path.map((name) => `f:${name}`))),
    emptySet,
  );
}

const byPaths = new WeakMap<readonly string[], FieldSet>();

/** Builds a set of dotted paths of plain field names, such as `metadata.labels`; remembered by the list. */
export function fieldSetOfPaths(paths: readonly string[]): FieldSet {
  let set = byPaths.get(paths);
  if (set === undefined) {
    set = fieldSetOf(...paths.map((path) => path.split('.')));
    byPaths.set(paths, set);
  }
  return set;
}

/** The set of one path, given by its elements. */
export function singlePath(elements: readonly string[]): FieldSet {
  return elements.reduceRight<FieldSet>((below, element) => ({ [element]: below }), leaf);
}

/** The same set with its members in upstream's order: own path, fields, keys, values; each by text. */
export function sortedSet(set: FieldSet): FieldSet {
  let inOrder = true;
  let last = '';
  let out: MutableFieldSet | undefined;
  for (const element in set) {
    if (element < last) inOrder = false;
    last = element;
    const below = set[element] as FieldSet;
    const sorted = sortedSet(below);
    if (sorted !== below) {
      out ??= { ...set };
      out[element] = sorted;
    }
  }
  if (inOrder) return out ?? set;
  const source = out ?? set;
  const ordered: MutableFieldSet = {};
  for (const element of Object.keys(source).sort()) ordered[element] = source[element] as FieldSet;
  return ordered;
}
