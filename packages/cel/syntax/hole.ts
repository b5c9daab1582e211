import { nullType } from '../types.ts';
import type { Expr } from './syntax-tree.ts';
import type { TokenReader } from './token-reader.ts';

const holes = new WeakSet<Expr>();

/** What stands in the tree where the source has a fault; such a tree is not given out. */
export function hole(at: number): Expr {
  const made: Expr = { op: 'literal', at, value: null, type: nullType };
  holes.add(made);
  return made;
}

export function isHole(expr: Expr): boolean {
  return holes.has(expr);
}

/** Notes what is wrong with an expression that reads well. */
export function noteFault({ issues }: TokenReader, at: number, message: string): Expr {
  issues.push({ at, message });
  return hole(at);
}

/** The place in the tree of a rule that ends early, at what was thrown in it. */
export function endEarly(input: TokenReader, mark: number, thrown: unknown): Expr {
  input.endEarly(mark, thrown);
  return hole(input.token.at);
}
