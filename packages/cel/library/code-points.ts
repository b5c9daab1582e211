/** Code points, both ends included. */
export type Range = readonly [from: number, to: number];

export const lastCode = 0x10ffff;
export const firstAstral = 0x10000;
export const surrogates: Range = [0xd800, 0xdfff];

/** What is in none of the ranges. */
export function complement(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) out.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= lastCode) out.push([next, lastCode]);
  return out;
}

/** Planes in which nothing is assigned: one character tells of all. */
const unassigned: Range = [0x40000, 0xdffff];

const properties = new Map<string, readonly Range[]>();
const blockSize = 0x800;

/** The characters of a Unicode property, by the name that JavaScript has for it: `L`, `Script=Greek`. */
export function propertyRanges(name: string): readonly Range[] {
  let ranges = properties.get(name);
  if (ranges === undefined) {
    ranges = findRanges(new RegExp(`\\p{${name}}+`, 'gu'));
    properties.set(name, ranges);
  }
  return ranges;
}

/** Looks for runs in all characters in their order, block by block: surrogates are one. */
function findRanges(run: RegExp): Range[] {
  const out: Range[] = [];
  for (let start = 0; start <= lastCode; start += blockSize) {
    if (start === surrogates[0]) continue;
    if (start === unassigned[0]) {
      if (run.test(String.fromCodePoint(start))) out.push(unassigned);
      run.lastIndex = 0;
      start = unassigned[1] + 1 - blockSize;
      continue;
    }
    const text = String.fromCodePoint(...Array.from({ length: blockSize }, (_, i) => start + i));
    const width = start >= firstAstral ? 2 : 1;
    for (const { 0: found, index } of text.matchAll(run)) {
      const from = start + index / width;
      const to = from + found.length / width - 1;
      const last = out.at(-1);
      if (last !== undefined && last[1] === from - 1) out[out.length - 1] = [last[0], to];
      else out.push([from, to]);
    }
  }
  return out;
}

/** No plane beyond has letters of two cases. */
const lastCased = 0x1ffff;

let orbits: ReadonlyMap<number, ReadonlySet<number>> | undefined;

/** For each character that has others for its other cases: those and itself, by Unicode's simple folding. */
export function caseOrbits(): ReadonlyMap<number, ReadonlySet<number>> {
  orbits ??= findOrbits();
  return orbits;
}

function findOrbits(): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (let code = 0; code <= lastCased; code++) {
    const char = String.fromCodePoint(code);
    for (const other of [char.toLowerCase(), char.toUpperCase()]) {
      if (other === char) continue;
      const first = other.codePointAt(0) as number;
      if (other === String.fromCodePoint(first) && foldsTo(char, other)) unite(found, code, first);
    }
  }
  return found;
}

/** What is the lower or upper case of a character in a language or two only is no other case of it. */
function foldsTo(char: string, other: string): boolean {
  const isPair = other.toLowerCase() === char || other.toUpperCase() === char;
  return isPair || new RegExp(`^${char}$`, 'iu').test(other);
}

function unite(orbits: Map<number, Set<number>>, a: number, b: number): void {
  const all = new Set([a, b, ...(orbits.get(a) ?? []), ...(orbits.get(b) ?? [])]);
  for (const code of all) orbits.set(code, all);
}
