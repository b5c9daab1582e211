import { type Expr, partsOf } from './syntax-tree.ts';

/** Whether nodes of a tree lie in one another deeper than that; needs no stack for it. */
export function isDeeperThan(tree: Expr, limit: number): boolean {
  let level: Expr[] = [tree];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    const below: Expr[] = [];
    for (const expr of level) for (const child of partsOf(expr)) below.push(child);
    level = below;
  }
  return false;
}
