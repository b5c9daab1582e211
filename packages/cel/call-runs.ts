import type { Frame, Run } from './frame.ts';
import { dispatch, type Overload } from './functions.ts';
import { CelCostError, CelRuntimeError } from './issue.ts';
import type { Call, Expr } from './syntax/syntax-tree.ts';

/** A variable, or what fields and indexes of one lead to: reading it is one step for each part. */
export function isAttribute(expr: Expr): boolean {
  if (expr.op === 'identifier') return true;
  if (expr.op === 'select') return !expr.test;
  return expr.op === 'call' && expr.target === undefined && (expr.name === '_[_]' || expr.name === '_[?_]');
}

/** An index is a step of its operand; reading a variable for it is not counted beside that. */
export function indexing(expr: Call, [target, index]: readonly Run[], overloads: readonly Overload[]): Run {
  const [from, at] = expr.args as [Expr, Expr];
  const steps = (isAttribute(from) ? 1 : 2) - (isAttribute(at) ? 1 : 0);
  return (frame) => {
    const values = [(target as Run)(frame), (index as Run)(frame)];
    if (steps < 0) frame.meter.refund(-steps);
    else frame.meter.spend(steps);
    return dispatch(overloads, values);
  };
}

/** A call that costs nothing beside its arguments. */
export function free(args: readonly Run[], overloads: readonly Overload[]): Run {
  return (frame) =>
    dispatch(
      overloads,
      args.map((run) => run(frame)),
    );
}

/** A call whose operand fails is counted all the same. */
export function failing(args: readonly Run[]): (frame: Frame, error: unknown) => unknown {
  const counted = args.length <= 2;
  return (frame, error) => {
    if (counted && error instanceof CelRuntimeError && !(error instanceof CelCostError)) frame.meter.spend(1);
    return error;
  };
}
