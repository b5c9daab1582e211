import {
  CelCompileError,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  type Declarations,
  Expression,
  typeText,
} from '@coxswain/cel';

/** Upstream's bounds: of one expression, and of all of a request's together. */
export const expressionCostLimit = 1_000_000;
export const requestCostLimit = 10_000_000;

/** An expression that compiles to a wanted type, or the text of why not. */
export type Compiled = { readonly expression: Expression } | { readonly fault: string };

/** Compiles an expression that must have one of the types. */
export function compileAs(
  source: string,
  declarations: Declarations,
  kinds: readonly CelType['kind'][],
): Compiled {
  try {
    const expression = new Expression(source, declarations);
    if (kinds.length === 0 || kinds.includes(expression.type.kind)) return { expression };
    const wanted =
      kinds.length === 1
        ? `${kinds[0]}`
        : `one of [${kinds.map((kind) => (kind === 'null' ? 'null_type' : kind)).join(' ')}]`;
    const text =
      kinds.length === 1
        ? `must evaluate to ${wanted} but got ${typeText(expression.type)}`
        : `must evaluate to ${wanted}`;
    return { fault: text };
  } catch (error) {
    if (error instanceof CelCompileError) return { fault: `compilation failed: ${error.message}` };
    throw error;
  }
}

export interface MatchCondition {
  readonly name: string;
  readonly compiled: Compiled;
}

export function compileConditions(
  conditions: readonly { readonly name: string; readonly expression: string }[],
  declarations: Declarations,
): readonly MatchCondition[] {
  return conditions.map(({ name, expression }) => ({
    name,
    compiled: compileAs(expression, declarations, ['bool']),
  }));
}

/** What match conditions come to: one that does not hold settles it, else one that fails. */
export type Matched = boolean | { readonly error: string };

export function evaluateConditions(
  conditions: readonly MatchCondition[],
  values: Readonly<Record<string, CelValue>>,
): Matched {
  const errors: string[] = [];
  for (const { name, compiled } of conditions) {
    try {
      if ('fault' in compiled) throw new CelRuntimeError(compiled.fault);
      if (compiled.expression.evaluate(values, new CostMeter(expressionCostLimit)) !== true) return false;
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      errors.push(
        `expression '${'fault' in compiled ? name : compiled.expression.source}' resulted in error: ${error.message}`,
      );
    }
  }
  if (errors.length === 0) return true;
  return { error: errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]` };
}
