import { type Block, matchingBlocks } from './matching-blocks.ts';

/** Lines from an index to before another, in each of two texts, that stand in place of each other. */
interface Change {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** Equal lines that are shown around a change. */
const context = 3;

/** Two texts compared line by line, in the form of `diff -u` without its head; '' where they are equal. */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split('\n');
  const b = after.split('\n');
  const changes = changesBetween(matchingBlocks(a, b), a.length, b.length);
  return hunks(changes)
    .map((hunk) => hunkText(hunk, a, b))
    .join('');
}

function changesBetween(blocks: readonly Block[], aEnd: number, bEnd: number): Change[] {
  const changes: Change[] = [];
  let [aFrom, bFrom] = [0, 0];
  for (const block of [...blocks, { a: aEnd, b: bEnd, size: 0 }]) {
    if (aFrom < block.a || bFrom < block.b) changes.push({ aFrom, aTo: block.a, bFrom, bTo: block.b });
    aFrom = block.a + block.size;
    bFrom = block.b + block.size;
  }
  return changes;
}

/** Changes whose contexts touch are shown in one piece. */
function hunks(changes: readonly Change[]): Change[][] {
  const out: Change[][] = [];
  for (const change of changes) {
    const last = out.at(-1)?.at(-1);
    if (last !== undefined && change.aFrom - last.aTo <= 2 * context) out.at(-1)!.push(change);
    else out.push([change]);
  }
  return out;
}

function hunkText(hunk: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const first = hunk[0]!;
  const last = hunk.at(-1)!;
  const lead = Math.min(context, first.aFrom);
  const trail = Math.min(context, a.length - last.aTo);
  const start = first.aFrom - lead;
  const end = last.aTo + trail;
  const ranges = `-${range(start, end)} +${range(first.bFrom - lead, last.bTo + trail)}`;
  const lines: string[] = [];
  const add = (mark: string, text: readonly string[], from: number, to: number): void => {
    for (const line of text.slice(from, to)) lines.push(`${mark}${line}\n`);
  };
  let at = start;
  for (const { aFrom, aTo, bFrom, bTo } of hunk) {
    add(' ', a, at, aFrom);
    add('-', a, aFrom, aTo);
    add('+', b, bFrom, bTo);
    at = aTo;
  }
  add(' ', a, at, end);
  return `@@ ${ranges} @@\n${lines.join('')}`;
}

/** Lines are counted from one; an empty range is told by the line before it, a single line without its count. */
function range(from: number, to: number): string {
  const count = to - from;
  if (count === 1) return String(from + 1);
  return `${count === 0 ? from : from + 1},${count}`;
}
