import { type Checked, check, type Declarations } from './checker.ts';
import { type CostEstimate, estimateCost } from './cost/estimate.ts';
import type { SizeEstimator } from './cost/range.ts';
import { type Activation, CostMeter } from './frame.ts';
import { Program } from './interpreter.ts';
import { CelCompileError } from './issue.ts';
import { checkLiterals } from './literal-checks.ts';
import { parse } from './parser.ts';
import type { Expr } from './syntax-tree.ts';
import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';

/** An expression that was parsed and checked. */
export class Expression {
  readonly source: string;
  readonly tree: Expr;
  /** What it evaluates to. */
  readonly type: CelType;
  /** The type of each node. */
  readonly types: ReadonlyMap<Expr, CelType>;
  readonly #checked: Checked;
  readonly #program: Program;

  /** @throws CelCompileError */
  constructor(source: string, declarations: Declarations) {
    this.source = source;
    this.tree = parse(source);
    this.#checked = check(this.tree, declarations);
    const { type, issues, types } = this.#checked;
    const found = issues.length > 0 ? issues : checkLiterals(this.#checked);
    if (found.length > 0) throw new CelCompileError(source, found);
    this.type = type;
    this.types = types;
    this.#program = new Program(this.tree, declarations.functions, this.#checked);
  }

  /** What the work may cost, at least and at most, when values are as large as `sizes` says. */
  estimateCost(sizes: SizeEstimator): CostEstimate {
    return estimateCost(this.tree, this.#checked, sizes);
  }

  /**
   * @param variables values by name
   * @param meter bounds the work
   * @throws CelRuntimeError, CelCostError
   */
  evaluate(variables: Activation | Readonly<Record<string, CelValue>>, meter?: CostMeter): CelValue {
    const activation =
      typeof variables['resolve'] === 'function'
        ? (variables as Activation)
        : {
            resolve: (name: string): CelValue | undefined =>
              Object.hasOwn(variables, name)
                ? (variables as Readonly<Record<string, CelValue>>)[name]
                : undefined,
          };
    return this.#program.evaluate(activation, meter ?? new CostMeter(Number.POSITIVE_INFINITY));
  }

  /** Whether the expression refers to a variable. */
  uses(name: string): boolean {
    return refersTo(this.tree, name);
  }
}

function refersTo(expr: Expr, name: string): boolean {
  switch (expr.op) {
    case 'literal':
      return false;
    case 'identifier':
      return expr.name === name;
    case 'select':
      return refersTo(expr.operand, name);
    case 'call':
      return (
        (expr.target !== undefined && refersTo(expr.target, name)) ||
        expr.args.some((arg) => refersTo(arg, name))
      );
    case 'list':
      return expr.items.some((item) => refersTo(item, name));
    case 'map':
      return expr.entries.some(({ key, value }) => refersTo(key, name) || refersTo(value, name));
    case 'struct':
      return expr.fields.some(({ value }) => refersTo(value, name));
    case 'comprehension':
      return [expr.range, expr.body, ...(expr.filter === undefined ? [] : [expr.filter])].some((part) =>
        refersTo(part, name),
      );
    default:
      return refersTo(expr.operand, name) || refersTo(expr.body, name);
  }
}
