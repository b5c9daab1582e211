import { type Checked, check, type Declarations } from './checker.ts';
import { type CostEstimate, estimateCost } from './cost/estimate.ts';
import type { SizeEstimator } from './cost/range.ts';
import { type Activation, CostMeter } from './frame.ts';
import { Program } from './interpreter.ts';
import { CelCompileError } from './issue.ts';
import { parse } from './syntax/parser.ts';
import { type Expr, partsOf } from './syntax/syntax-tree.ts';
import type { CelType } from './types.ts';
import { validate } from './validators/validate.ts';
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
    const found = issues.length > 0 ? issues : validate(this.tree, this.#checked);
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
  return expr.op === 'identifier' ? expr.name === name : partsOf(expr).some((part) => refersTo(part, name));
}
