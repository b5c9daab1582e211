import type { Frame, Run } from './frame.ts';
import { type Callee, dispatch } from './functions.ts';
import { CelCostError, CelRuntimeError } from './issue.ts';
import { noSuchKey } from './library/standard.ts';
import { noSuchOverload } from './no-such-overload.ts';
import type { Call, Expr } from './syntax/syntax-tree.ts';
import {
  CelOptional,
  CelUint,
  type CelValue,
  goTypeOf,
  isList,
  isMap,
  noValue,
  typeNameOf,
} from './values.ts';

/** A variable, or what fields and indexes of one lead to: reading it is one step for each part. */
export function isAttribute(expr: Expr): boolean {
  if (expr.op === 'identifier') return true;
  if (expr.op === 'select') return !expr.test;
  return expr.op === 'call' && expr.target === undefined && (expr.name === '_[_]' || expr.name === '_[?_]');
}

/** An index is a step of its operand; reading a variable for it is not counted beside that. */
export function indexing(expr: Call, [target, index]: readonly Run[], callee: Callee): Run {
  const [from, at] = expr.args as [Expr, Expr];
  const attribute = isAttribute(from);
  const steps = (attribute ? 1 : 2) - (isAttribute(at) ? 1 : 0);
  const how = { qualifies: attribute || isDyn(from), optional: expr.name === '_[?_]' };
  return (frame) => {
    const of = (target as Run)(frame);
    const key = (index as Run)(frame);
    if (steps < 0) frame.meter.refund(-steps);
    else frame.meter.spend(steps);
    if (!(of instanceof CelOptional)) return part(of, key, how, callee);
    return of.value === undefined ? noValue : part(of.value, key, { ...how, optional: true }, callee);
  };
}

/** What is only said to be dynamic is looked into as what it is. */
function isDyn(expr: Expr): boolean {
  return expr.op === 'call' && expr.target === undefined && expr.name === 'dyn';
}

/** How a part of a value is read. */
interface Reading {
  /** As a field is: what has no parts lacks this one too. */
  readonly qualifies: boolean;
  /** The part may be missing. */
  readonly optional: boolean;
}

function part(of: CelValue, key: CelValue, { qualifies, optional }: Reading, callee: Callee): CelValue {
  if (qualifies && !isScalar(key)) throw new CelRuntimeError(`invalid qualifier type: ${goTypeOf(key)}`);
  let value: CelValue | undefined;
  if (isList(of)) {
    const at = listIndex(key);
    value = of[Number(at)];
    if (value === undefined && !optional) throw new CelRuntimeError(`index out of bounds: ${at}`);
  } else if (isMap(of)) {
    if (of.fieldsOnly === true && typeof key !== 'string') throw noSuchOverload(callee.name, [of, key]);
    value = of.get(key);
  } else if (!qualifies) throw noSuchOverload(callee.name, [of, key]);
  if (optional) return value === undefined ? noValue : new CelOptional(value);
  if (value === undefined) throw noSuchKey(key);
  return value;
}

/** What may be a key of a map or an index of a list. */
function isScalar(value: CelValue): boolean {
  return value instanceof CelUint || (typeof value !== 'object' && value !== null);
}

/** The whole number that stands for an index of a list. @throws CelRuntimeError for what is none */
function listIndex(index: CelValue): bigint {
  if (typeof index === 'bigint') return index;
  if (index instanceof CelUint) return index.value;
  if (typeof index !== 'number') {
    throw new CelRuntimeError(`unsupported index type '${typeNameOf(index)}' in list`);
  }
  if (!Number.isInteger(index)) throw new CelRuntimeError(`unsupported index value ${index} in list`);
  return BigInt(index);
}

/** A value where there is one, and else an alternative, which is not looked at before. */
export function alternative(expr: Call, [target, other]: readonly Run[]): Run {
  return (frame) => {
    const value = (target as Run)(frame);
    frame.meter.spend(1);
    if (!(value instanceof CelOptional)) throw new CelRuntimeError('no such overload');
    if (value.value === undefined) return (other as Run)(frame);
    return expr.name === 'orValue' ? value.value : value;
  };
}

/** A call that costs nothing beside its arguments. */
export function free(args: readonly Run[], callee: Callee): Run {
  return (frame) =>
    dispatch(
      callee,
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
