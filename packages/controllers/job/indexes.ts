/** Completion indexes as a Job's status lists them: `0-2,5`. Those of `limit` and beyond are left out. */
export function parseIndexes(text: string | undefined, limit: number): number[] {
  if (!text) return [];
  return text.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    const end = Math.min(last, limit - 1);
    return end < first ? [] : Array.from({ length: end - first + 1 }, (_, i) => first + i);
  });
}

/** The text of a set of indexes; two neighbours are listed, three and more make a range. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] as number) + 1) end++;
    const [first, last] = [sorted[i], sorted[end]];
    if (end === i) parts.push(`${first}`);
    else parts.push(end === i + 1 ? `${first},${last}` : `${first}-${last}`);
    i = end + 1;
  }
  return parts.join(',');
}
