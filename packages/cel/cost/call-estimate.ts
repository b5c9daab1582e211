import type { Overload } from '../functions.ts';
import type { Expr } from '../syntax/syntax-tree.ts';
import { estimateListCall } from './list-cost.ts';
import { add, fixed, multiply, type Range, regexFactor, scale, traversalFactor, unbounded } from './range.ts';
import { selectorCost } from './selector-cost.ts';

/** An argument of a call as the estimation knows it. */
export interface Operand {
  readonly expr: Expr;
  readonly size: Range;
  /** The name of a library's type; '' for all other types. */
  readonly opaque: string;
  /** Of a list: its items; absent for everything else. */
  readonly items?: { readonly isText: boolean; readonly size: Range } | undefined;
}

/** What a call costs beside its arguments, and how large its result is where that is known. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range;
}

const one: CallEstimate = { cost: fixed(1) };
const walk = (size: Range, times = 1): Range => scale(size, times * traversalFactor);

/** The longest of the regular expressions behind named formats, as upstream counts them. */
const maxFormatRegex = 128;
const maxFormatName = 64;
/** An authorization check may be made twice in an expression. */
export const checkCost = 350_000;
/** The bytes of an address. */
const addressBytes: Range = { min: 4, max: 16 };

/** Functions that cost one step. */
export const nominal: ReadonlySet<string> = new Set(
  (
    'serviceAccount path group resource subresource namespace name allowed reason error errored ' +
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast ' +
    'format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub ' +
    'major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery'
  ).split(' '),
);

/**
 * The estimates that Kubernetes adds to the language's own; undefined where there is none.
 * @param target what a method is called on
 * @param args without the target
 */
export function estimateLibraryCall(
  name: string,
  overload: Overload,
  target: Operand | undefined,
  args: readonly Operand[],
): CallEstimate | undefined {
  if (nominal.has(name)) return one;
  const [first, second] = args;
  switch (name) {
    case 'url':
    case 'jsonpatch.escapeKey':
      return first && { cost: walk(first.size), size: first.size };
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
      return first && { cost: walk(first.size) };
    case 'ip.isCanonical':
      return first && { cost: walk(first.size, 2) };
    case 'ip':
      return target === undefined && first !== undefined ? { cost: walk(first.size) } : one;
    case '_==_':
      return first && second && opaqueEquality(first, second);
    default:
      return (
        estimateListCall(name, overload, target, args) ??
        (target && estimateMethod(name, overload, target, first, second))
      );
  }
}

function estimateMethod(
  name: string,
  overload: Overload,
  target: Operand,
  first: Operand | undefined,
  second: Operand | undefined,
): CallEstimate | undefined {
  const { size } = target;
  switch (name) {
    case 'check':
      return { cost: fixed(checkCost) };
    case 'fieldSelector':
    case 'labelSelector':
      return first && { cost: selectorCost(first.size) };
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return { cost: searchCost(target) };
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
      return { cost: walk(size), size };
    case 'replace':
      return first && second && { cost: walk(size, 2), size: replacedSize(size, first.size, second.size) };
    case 'split':
      return { cost: walk(size, 2), size: { min: 0, max: splitLimit(second) ?? size.max } };
    case 'join':
      return joinEstimate(target, first);
    case 'find':
    case 'findAll': {
      if (first === undefined) return undefined;
      const cost = multiply(walk(add(size, fixed(1))), scale(first.size, regexFactor));
      return { cost, size: { min: 0, max: size.max } };
    }
    case 'containsIP':
    case 'containsCIDR':
      return first && { cost: containsCost(name, overload, first) };
    case 'validate':
      return first && { cost: scale(walk(first.size), maxFormatRegex * regexFactor) };
    default:
      return undefined;
  }
}

function searchCost({ size, items }: Operand): Range {
  if (items === undefined) return walk(size);
  return multiply(size, items.isText ? add(fixed(1), walk(items.size)) : fixed(1));
}

/** How long a text gets when parts of it are replaced by others. */
function replacedSize(size: Range, old: Range, by: Range): Range {
  // Nothing is found between all characters; short parts are found most often.
  const longest = old.min === 0 ? [size.max + 1, size.max] : [Math.ceil(size.max / old.min), 0];
  const shortest = old.max === 0 ? [size.min + 1, size.min] : [Math.ceil(size.min / old.max), 0];
  const [most = 0, keptMost = 0] = old.min > 0 && by.max <= old.min ? [0, size.max] : longest;
  const [least = 0, keptLeast = 0] = old.max > 0 && old.max <= by.min ? [0, size.min] : shortest;
  return add(multiply({ min: least, max: most }, by), { min: keptLeast, max: keptMost });
}

/** The most parts that a literal allows; a negative number allows all. */
function splitLimit(limit: Operand | undefined): number | undefined {
  const { expr } = limit ?? {};
  if (expr?.op !== 'literal' || typeof expr.value !== 'bigint') return undefined;
  return expr.value < 0n ? unbounded : Number(expr.value);
}

function joinEstimate({ size, items }: Operand, separator: Operand | undefined): CallEstimate {
  let made = items === undefined ? fixed(0) : multiply(size, items.size);
  if (separator !== undefined) {
    const gaps = { min: Math.max(size.min - 1, 0), max: Math.max(size.max - 1, 0) };
    made = add(made, multiply(separator.size, gaps));
  }
  return { cost: walk(made), size: made };
}

function containsCost(name: string, overload: Overload, other: Operand): Range {
  let cost = walk(add(addressBytes, addressBytes));
  if (name === 'containsCIDR') cost = add(add(cost, walk(addressBytes)), fixed(1));
  return overload.params[1]?.kind === 'string' ? add(cost, walk(other.size)) : cost;
}

/** Values of libraries are compared in one step, those that are texts inside by their texts. */
function opaqueEquality(a: Operand, b: Operand): CallEstimate | undefined {
  if (a.opaque === '' || a.opaque !== b.opaque) return undefined;
  switch (a.opaque) {
    case 'kubernetes.NamedFormat':
      return { cost: walk({ min: 1, max: maxFormatName }) };
    case 'kubernetes.URL':
      return { cost: walk({ min: 1, max: b.size.max === unbounded ? 1 : b.size.max }) };
    default:
      return one;
  }
}
