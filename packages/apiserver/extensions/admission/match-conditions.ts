import {
  CelCompileError,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  type Declarations,
  Expression,
  runtimeTypeText,
} from '@coxswain/cel';

/** Upstream's bounds: of one expression, of all of a request's together, and of match conditions. */
export const expressionCostLimit = 1_000_000;
export const requestCostLimit = 10_000_000;
const conditionsCostLimit = 2_500_000;

/** An expression that compiles to a wanted type, or the text of why not. */
export type Compiled = { readonly expression: Expression } | { readonly fault: string };

/** Compiles an expression whose type must be shown as the given one. */
export function compileExactly(source: string, declarations: Declarations, wanted: string): Compiled {
  const compiled = compileAs(source, declarations, []);
  if ('fault' in compiled) return compiled;
  const found = runtimeTypeText(compiled.expression.type);
  return found === wanted ? compiled : { fault: `must evaluate to ${wanted} but got ${found}` };
}

/** Compiles an expression that must have one of the types. */
export function compileAs(
  source: string,
  declarations: Declarations,
  kinds: readonly CelType['kind'][],
): Compiled {
  try {
    const expression = new Expression(source, declarations);
    const { kind } = expression.type;
    // What is of no certain type is looked at when it is evaluated.
    if (kinds.length === 0 || kinds.includes(kind)) return { expression };
    const named = kinds.map((one) => (one === 'null' ? 'null_type' : one));
    const text =
      named.length === 1
        ? `must evaluate to ${named[0]} but got ${runtimeTypeText(expression.type)}`
        : `must evaluate to one of [${named.join(' ')}] but got ${runtimeTypeText(expression.type)}`;
    return { fault: text };
  } catch (error) {
    if (error instanceof CelCompileError) return { fault: `compilation failed: ${error.message}` };
    throw error;
  }
}

export interface MatchCondition {
  readonly name: string;
  /** As it is compiled and shown: without the white space around it. */
  readonly source: string;
  readonly compiled: Compiled;
}

export function compileConditions(
  conditions: readonly { readonly name: string; readonly expression: string }[],
  declarations: Declarations,
): readonly MatchCondition[] {
  return conditions.map(({ name, expression }) => {
    const source = expression.trim();
    return { name, source, compiled: compileAs(source, declarations, ['bool']) };
  });
}

/** What match conditions come to: one that does not hold settles it, else one that fails. */
export type Matched = boolean | { readonly error: string };

/** More than all expressions of a request may cost. */
export class OutOfBudget extends CelRuntimeError {
  constructor(
    text = 'validation failed due to running out of cost budget, no further validation rules will be run',
  ) {
    super(text);
  }
}

/**
 * Evaluates one expression of several that share a budget.
 * @throws OutOfBudget; CelRuntimeError in upstream's words
 */
export function evaluateWithin(
  budget: CostMeter,
  compiled: Compiled,
  values: Readonly<Record<string, CelValue>>,
): CelValue {
  if ('fault' in compiled) throw new CelRuntimeError(`compilation error: ${compiled.fault}`);
  const { expression } = compiled;
  const meter = new CostMeter(expressionCostLimit);
  let made: CelValue | CelRuntimeError;
  try {
    made = expression.evaluate(values, meter);
  } catch (error) {
    if (error instanceof OutOfBudget || !(error instanceof CelRuntimeError)) throw error;
    made = new CelRuntimeError(`expression '${expression.source}' resulted in error: ${error.message}`);
  }
  if (meter.spent > budget.limit - budget.spent) throw new OutOfBudget();
  budget.spend(meter.spent);
  if (made instanceof CelRuntimeError) throw made;
  return made;
}

/** @param failed is told of each one that fails */
export function evaluateConditions(
  conditions: readonly MatchCondition[],
  values: Readonly<Record<string, CelValue>>,
  failed: () => void = () => {},
): Matched {
  const errors = new Set<string>();
  const budget = new CostMeter(conditionsCostLimit);
  for (const { compiled } of conditions) {
    try {
      if (evaluateWithin(budget, compiled, values) !== true) return false;
    } catch (error) {
      if (error instanceof OutOfBudget) return { error: error.message };
      if (!(error instanceof CelRuntimeError)) throw error;
      errors.add(error.message);
      failed();
    }
  }
  if (errors.size === 0) return true;
  const [first] = errors;
  return { error: errors.size === 1 ? (first as string) : `[${[...errors].join(', ')}]` };
}
