import type { CallEstimate, Operand } from './call-estimate.ts';
import { add, fixed, multiply, type Range, regexFactor, scale, traversalFactor, union } from './range.ts';

const zero = fixed(0);
const one: CallEstimate = { cost: fixed(1) };
const walk = (size: Range): Range => scale(size, traversalFactor);

/**
 * What an operator or function of the language itself costs beside its arguments.
 * @param kinds those of the overload's parameters
 */
export function estimateOperator(
  name: string,
  kinds: readonly (string | undefined)[],
  [a, b, c]: readonly [Operand, Operand, Operand],
): CallEstimate {
  const [kind] = kinds;
  const isText = kind === 'string' || kind === 'bytes';
  switch (name) {
    case '_&&_':
    case '_||_':
      return { cost: zero };
    case '_?_:_':
      return { cost: zero, size: union(b.size, c.size) };
    case '_+_': {
      if (!isText && kind !== 'list') return one;
      const size = add(a.size, b.size);
      return { cost: isText ? walk(size) : one.cost, size };
    }
    case '_==_':
    case '_!=_':
      return { cost: comparison(a, b) };
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return isText ? { cost: comparison(a, b) } : one;
    case '@in':
      return kinds[1] === 'list' ? { cost: b.size } : one;
    case 'startsWith':
    case 'endsWith':
      return { cost: walk(b.size) };
    case 'contains':
      return { cost: multiply(walk(a.size), walk(b.size)) };
    case 'matches':
      // A text has at least one place where an expression is tried.
      return { cost: multiply(walk(add(a.size, fixed(1))), scale(b.size, regexFactor)) };
    case 'format':
      return { cost: walk(a.size) };
    case 'strings.quote':
      return { cost: walk(a.size), size: { min: a.size.min + 2, max: a.size.max * 2 + 2 } };
    case 'bytes':
      return kind === 'string' ? { cost: walk(a.size), size: { min: a.size.min, max: a.size.max * 4 } } : one;
    case 'string':
      return kind === 'bytes'
        ? { cost: walk(a.size), size: { min: Math.floor(a.size.min / 4), max: a.size.max } }
        : one;
    default:
      return one;
  }
}

/** What is spent on the arguments of a call: operators of logic need not look at all of theirs. */
export function argumentsCost(name: string, costs: readonly Range[]): Range {
  const sum = costs.reduce(add, zero);
  const [first = zero, second = zero, third = zero] = costs;
  switch (name) {
    case '_&&_':
    case '_||_':
      return { min: first.min, max: sum.max };
    case '_?_:_':
      return add(first, union(second, third));
    default:
      return sum;
  }
}

/** The shorter one settles it; two numbers cost one step. */
function comparison(a: Operand, b: Operand): Range {
  const max = Math.min(a.size.max, b.size.max);
  return walk({ min: max > 0 ? 1 : 0, max });
}
