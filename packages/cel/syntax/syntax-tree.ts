import type { CelType } from '../types.ts';
import type { CelValue } from '../values.ts';

interface Node {
  /** Offset in the source that errors point at. */
  readonly at: number;
}

export interface Literal extends Node {
  readonly op: 'literal';
  readonly value: CelValue;
  readonly type: CelType;
}

export interface Identifier extends Node {
  readonly op: 'identifier';
  /** With dots where it begins with one: `.name` is of the root. */
  readonly name: string;
}

export interface Select extends Node {
  readonly op: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)`. */
  readonly test: boolean;
  /** `operand.?field`. */
  readonly optional: boolean;
}

export interface Call extends Node {
  readonly op: 'call';
  /** Operators have the names of upstream: `_+_`, `_[_]`, `!_`. */
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

export interface ListLiteral extends Node {
  readonly op: 'list';
  readonly items: readonly Expr[];
  readonly optional: ReadonlySet<number>;
}

export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapLiteral extends Node {
  readonly op: 'map';
  readonly entries: readonly MapEntry[];
}

/** `Name{field: value}`. */
export interface StructLiteral extends Node {
  readonly op: 'struct';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly value: Expr; readonly optional: boolean }[];
}

export type ComprehensionKind =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'sortBy';

/** A macro over a list or a map. */
export interface Comprehension extends Node {
  readonly op: 'comprehension';
  readonly kind: ComprehensionKind;
  readonly range: Expr;
  /** One: the item or key. Two: index or key, then the item or value. */
  readonly variables: readonly string[];
  /** Only what this holds for is taken; absent: everything. */
  readonly filter: Expr | undefined;
  readonly body: Expr;
}

/** `optMap` and `optFlatMap`: the body for the value of an optional. */
export interface OptionalMap extends Node {
  readonly op: 'optionalMap';
  readonly flat: boolean;
  readonly operand: Expr;
  readonly variable: string;
  readonly body: Expr;
}

export type Expr =
  | Literal
  | Identifier
  | Select
  | Call
  | ListLiteral
  | MapLiteral
  | StructLiteral
  | Comprehension
  | OptionalMap;

/** The expressions that one is made of, in the order of the source. */
export function partsOf(expr: Expr): readonly Expr[] {
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
      return [expr.range, ...(expr.filter === undefined ? [] : [expr.filter]), expr.body];
    default:
      return [expr.operand, expr.body];
  }
}

/** A call of an operator. */
export function call(name: string, at: number, ...args: Expr[]): Call {
  return { op: 'call', at, name, target: undefined, args };
}
