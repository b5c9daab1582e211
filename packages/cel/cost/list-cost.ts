import type { Overload } from '../functions.ts';
import { type CelValue, isList } from '../values.ts';
import type { CallEstimate, Operand } from './call-estimate.ts';
import { add, fixed, listCost, multiply, type Range, scale, traversalFactor, unbounded } from './range.ts';

/** A call that makes a list. */
const making = listCost + 1;
/** Each item is compared with each, and both are read. */
const comparisons = 2;
const comparisonsOfTexts = comparisons + traversalFactor;

const isText = (kind: string | undefined): boolean => kind === 'string' || kind === 'bytes';

/** A written number as sizes count; the other one where none is written. */
function written(operand: Operand | undefined, otherwise: number): number {
  const { expr } = operand ?? {};
  if (expr?.op !== 'literal' || typeof expr.value !== 'bigint') return otherwise;
  return expr.value < 0n ? 0 : Number(expr.value);
}

function made(size: Range, factor = 1): CallEstimate {
  return { cost: add(scale(size, factor), fixed(making)), size };
}

function compared(size: Range, kind: string | undefined): CallEstimate {
  return made(multiply(size, size), isText(kind) ? comparisonsOfTexts : comparisons);
}

/** What sorting by keys may cost beside the keys. */
export function sortingEstimate(size: Range, keyKind: string | undefined): Range {
  return compared(size, keyKind).cost;
}

/** What sorting by keys costs beside them. */
export function sortingCost(keys: readonly CelValue[]): number {
  const [first] = keys;
  const texts = typeof first === 'string' || first instanceof Uint8Array;
  return Math.floor(keys.length ** 2 * (texts ? comparisonsOfTexts : comparisons)) + making;
}

/** What functions that make lists and compare sets may cost; undefined for all others. */
export function estimateListCall(
  name: string,
  { params }: Overload,
  target: Operand | undefined,
  [first, second]: readonly Operand[],
): CallEstimate | undefined {
  switch (name) {
    case 'lists.range':
      return made(fixed(written(first, unbounded)));
    case 'sets.contains':
    case 'sets.intersects':
    case 'sets.equivalent': {
      if (first === undefined || second === undefined) return undefined;
      const pairs = multiply(first.size, second.size);
      return { cost: add(scale(pairs, name === 'sets.equivalent' ? comparisons : 1), fixed(1)) };
    }
    default:
  }
  if (target === undefined || params[0]?.kind !== 'list') return undefined;
  const { size, items } = target;
  switch (name) {
    case 'slice': {
      const length = written(second, size.max) - written(first, 0);
      // Upstream counts without signs: less than nothing is more than everything.
      return made(fixed(length < 0 ? unbounded : length));
    }
    case 'reverse':
      return made(size);
    case 'flatten':
      return { ...made(size, first === undefined ? 1 : written(first, unbounded)), size };
    case 'distinct':
      return compared(size, items?.isText === true ? 'string' : undefined);
    case 'sort':
      return compared(size, params[0].items.kind);
    default:
      return undefined;
  }
}

/** What such a call that was made costs; undefined for all others. */
export function listCallCost(name: string, args: readonly CelValue[], result: CelValue): number | undefined {
  const [list = null, second = null] = args;
  const length = (value: CelValue): number =>
    value !== null && typeof value === 'object' && isList(value) ? value.length : 1;
  switch (name) {
    case 'lists.range':
    case 'slice':
    case 'reverse':
      return length(result) + making;
    case 'flatten': {
      const depth = typeof second === 'bigint' && second >= 0n ? Number(second) : 1;
      return length(list) * depth + making;
    }
    case 'distinct':
    case 'sort':
      return sortingCost(list as readonly CelValue[]);
    case 'sets.contains':
    case 'sets.intersects':
      return length(list) * length(second) + 1;
    case 'sets.equivalent':
      return length(list) * length(second) * comparisons + 1;
    default:
      return undefined;
  }
}
