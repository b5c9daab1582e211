import type { Checked } from '../checker.ts';
import type { Issue } from '../issue.ts';
import { type Expr, partsOf } from '../syntax/syntax-tree.ts';
import * as types from '../types.ts';
import { type CelType, typeText } from '../types.ts';
import { isEquivalent } from '../unify.ts';

/** What takes a list of values of all types. */
const exempt = 'format';

/** Lists and maps in an expression whose parts are of several types; Kubernetes allows none but for texts' formats. */
export function checkAggregates(tree: Expr, { types: known }: Checked): Issue[] {
  const issues: Issue[] = [];
  const typeOf = (expr: Expr, optional: boolean): CelType => {
    const type = known.get(expr) ?? types.dyn;
    return optional && type.kind === 'opaque' ? (type.params[0] ?? types.dyn) : type;
  };
  const compare = (first: CelType, expr: Expr, type: CelType): boolean => {
    if (isEquivalent(first, type)) return true;
    issues.push({ at: expr.at, message: `expected type '${typeText(first)}' but found '${typeText(type)}'` });
    return false;
  };
  const walk = (expr: Expr): void => {
    if (expr.op === 'call' && expr.name === exempt) return;
    if (expr.op === 'list') {
      const all = expr.items.map((item, i) => typeOf(item, expr.optional.has(i)));
      // The first that differs is told of.
      expr.items.every((item, i) => compare(all[0] as CelType, item, all[i] as CelType));
    } else if (expr.op === 'map') {
      const keys = expr.entries.map(({ key }) => typeOf(key, false));
      const values = expr.entries.map(({ value, optional }) => typeOf(value, optional));
      for (const [i, { key, value }] of expr.entries.entries()) {
        compare(keys[0] as CelType, key, keys[i] as CelType);
        compare(values[0] as CelType, value, values[i] as CelType);
      }
    }
    partsOf(expr).forEach(walk);
  };
  walk(tree);
  return issues;
}
