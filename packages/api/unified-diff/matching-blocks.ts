/** A run of lines that stands in both texts. */
export interface Block {
  /** Index of its first line in the first text. */
  readonly a: number;
  /** Index of its first line in the second text. */
  readonly b: number;
  readonly size: number;
}

/** From so many lines on, those that are repeated too often are no starting points of runs. */
const longText = 200;

/**
 * What two texts have in common, as Ratcliff and Obershelp find it: the longest run of equal lines, and then the same
 * before it and after it. Of runs as long as another, the first counts. Blocks stand in order, none is empty, and none
 * touches the next in both texts.
 */
export function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = placesOf(b);
  const blocks: Block[] = [];
  const search = (aFrom: number, aTo: number, bFrom: number, bTo: number): void => {
    if (aFrom === aTo || bFrom === bTo) return;
    const block = widened(longestRun(aFrom, aTo, bFrom, bTo), aFrom, aTo, bFrom, bTo);
    if (block.size === 0) return;
    search(aFrom, block.a, bFrom, block.b);
    const last = blocks.at(-1);
    if (last !== undefined && last.a + last.size === block.a && last.b + last.size === block.b) {
      blocks[blocks.length - 1] = { ...last, size: last.size + block.size };
    } else {
      blocks.push(block);
    }
    search(block.a + block.size, aTo, block.b + block.size, bTo);
  };

  function longestRun(aFrom: number, aTo: number, bFrom: number, bTo: number): Block {
    let best: Block = { a: aFrom, b: bFrom, size: 0 };
    // Lengths of the runs that end at the line before, by the place of their last line in `b`.
    let lengths = new Map<number, number>();
    for (let i = aFrom; i < aTo; i++) {
      const next = new Map<number, number>();
      for (const j of places.get(a[i] as string) ?? []) {
        if (j < bFrom || j >= bTo) continue;
        const size = (lengths.get(j - 1) ?? 0) + 1;
        next.set(j, size);
        if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
      }
      lengths = next;
    }
    return best;
  }

  /** Lines that are no starting points may stand at either end. */
  function widened(run: Block, aFrom: number, aTo: number, bFrom: number, bTo: number): Block {
    let { a: start, b: other, size } = run;
    while (start > aFrom && other > bFrom && a[start - 1] === b[other - 1]) {
      start--;
      other--;
      size++;
    }
    while (start + size < aTo && other + size < bTo && a[start + size] === b[other + size]) size++;
    return { a: start, b: other, size };
  }

  search(0, a.length, 0, b.length);
  return blocks;
}

/** Where each line stands, but for those that would only slow the search down. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, i) => {
    const known = places.get(line);
    if (known === undefined) places.set(line, [i]);
    else known.push(i);
  });
  if (lines.length < longText) return places;
  // a hundredth of the lines, and one more
  const often = Math.floor(lines.length / 100) + 1;
  for (const [line, { length }] of places) if (length > often) places.delete(line);
  return places;
}
