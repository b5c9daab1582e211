import type { Expression } from '@coxswain/cel';

type Expr = Expression['tree'];

/** Whether an expression selects `claims.NAME`, plainly or as an optional. */
export function usesClaim(expr: Expr, name: string): boolean {
  const within = (part: Expr | undefined): boolean => part !== undefined && usesClaim(part, name);
  switch (expr.op) {
    case 'literal':
    case 'identifier':
      return false;
    case 'select':
      return (
        (expr.field === name && expr.operand.op === 'identifier' && expr.operand.name === 'claims') ||
        within(expr.operand)
      );
    case 'call':
      return within(expr.target) || expr.args.some(within);
    case 'list':
      return expr.items.some(within);
    case 'map':
      return expr.entries.some(({ key, value }) => within(key) || within(value));
    case 'struct':
      return expr.fields.some(({ value }) => within(value));
    case 'comprehension':
      return within(expr.range) || within(expr.filter) || within(expr.body);
    default:
      return within(expr.operand) || within(expr.body);
  }
}
