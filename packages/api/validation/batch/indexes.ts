import { goQuote } from '@coxswain/machinery';

/** The first and the last index of an interval. */
type Interval = readonly [number, number];

/** validateIndexesFormat: how many indexes an ordered list of intervals stands for, or what is wrong with it. */
export function parseIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let last: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return interval;
    const [low, high] = interval;
    if (last !== undefined && last >= low) return `non-increasing order, previous: ${last}, current: ${low}`;
    total += high - low + 1;
    last = high;
  }
  return total;
}

/** An index that two ordered lists of intervals have in common; intervals that cannot be read are passed over. */
export function indexesOverlap(one: string, other: string, completions: number): number | undefined {
  const left = intervalsOf(one, completions);
  const right = intervalsOf(other, completions);
  let i = 0;
  let k = 0;
  while (i < left.length && k < right.length) {
    const [low, high] = left[i]!;
    const [from, to] = right[k]!;
    if (low <= to && from <= high) return Math.max(low, from);
    if (low <= from) i++;
    else k++;
  }
  return undefined;
}

function intervalsOf(text: string, completions: number): Interval[] {
  if (text === '') return [];
  return text
    .split(',')
    .map((part) => parseInterval(part, completions))
    .filter((interval) => typeof interval !== 'string');
}

function parseInterval(text: string, completions: number): Interval | string {
  const parts = text.split('-');
  if (parts.length > 2) {
    return `the fragment ${goQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const numbers: number[] = [];
  for (const part of parts) {
    if (!/^[+-]?[0-9]+$/.test(part)) return `cannot convert string to integer for index: ${goQuote(part)}`;
    const value = Number(part);
    if (value >= completions) return `too large index: ${goQuote(part)}`;
    numbers.push(value);
  }
  const [low, high] = [numbers[0]!, numbers.at(-1)!];
  if (parts.length === 2 && low >= high) return `non-increasing order, previous: ${low}, current: ${high}`;
  return [low, high];
}
