import type { Expr } from './syntax-tree.ts';

/** Whether nodes of a tree lie in one another deeper than that; needs no stack for it. */
export function isDeeperThan(tree: Expr, limit: number): boolean {
  let level: Expr[] = [tree];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    const below: Expr[] = [];
    for (const expr of level) for (const child of childrenOf(expr)) below.push(child);
    level = below;
  }
  return false;
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case 'literal':
    case 'identifier':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.items;
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'comprehension':
      return [expr.range, expr.body, ...(expr.filter === undefined ? [] : [expr.filter])];
    default:
      return [expr.operand, expr.body];
  }
}
