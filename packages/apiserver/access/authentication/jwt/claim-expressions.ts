import {
  CelCompileError,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  celTypes,
  type Declarations,
  Expression,
  kubernetesLibrary,
  type ObjectType,
} from '@coxswain/cel';

const { any, listOf, mapOf, string } = celTypes;

/** Upstream's bound for one expression. */
const costLimit = 1_000_000;

const userFields: Readonly<Record<string, CelType>> = {
  username: string,
  uid: string,
  groups: listOf(string),
  extra: mapOf(string, listOf(string)),
};

const userType: ObjectType = {
  kind: 'object',
  name: 'kubernetes.UserInfo',
  field: (name) => (Object.hasOwn(userFields, name) ? userFields[name] : undefined),
  names: () => Object.keys(userFields),
};

const claimsType = mapOf(string, any);

const declarations: Readonly<Record<'claims' | 'user', Declarations>> = {
  claims: { functions: kubernetesLibrary, variables: new Map([['claims', claimsType]]) },
  user: { functions: kubernetesLibrary, variables: new Map([['user', userType]]) },
};

/** An expression, or the text of why there is none. */
export type Compiled = { readonly expression: Expression } | { readonly fault: string };

/**
 * Compiles an expression over a token's claims or the user made of them.
 * @param kinds what it must evaluate to; empty: anything
 */
export function compile(
  source: string,
  about: 'claims' | 'user',
  kinds: readonly CelType['kind'][] = [],
): Compiled {
  try {
    const expression = new Expression(source, declarations[about]);
    if (kinds.length === 0 || kinds.includes(expression.type.kind)) return { expression };
    return { fault: `must evaluate to ${kinds.length === 1 ? kinds[0] : `one of [${kinds.join(' ')}]`}` };
  } catch (error) {
    if (error instanceof CelCompileError) return { fault: `compilation failed: ${error.message}` };
    throw error;
  }
}

/** An expression failed; the message is upstream's. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly code = 'CLAIM_EXPRESSION';
}

/** @throws {EvaluationError} when the expression fails */
export function evaluate(expression: Expression, values: Readonly<Record<string, CelValue>>): CelValue {
  try {
    return expression.evaluate(values, new CostMeter(costLimit));
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    throw new EvaluationError(`expression '${expression.source}' resulted in error: ${error.message}`);
  }
}

/** An expression must hold; the message is shown when it does not. */
export interface ValidationRule {
  readonly expression: Expression;
  readonly message: string;
}

/** All are evaluated before the first that does not hold is told of. @throws {EvaluationError} in upstream's words */
export function checkRules(
  rules: readonly ValidationRule[],
  values: Readonly<Record<string, CelValue>>,
): void {
  const results = rules.map(({ expression }) => evaluate(expression, values));
  for (const [i, { expression, message }] of rules.entries()) {
    const held = results[i];
    if (typeof held !== 'boolean') throw new EvaluationError('validation expression must return a boolean');
    if (!held) {
      throw new EvaluationError(`validation expression '${expression.source}' failed: ${message}`);
    }
  }
}

const noTextList = 'expression must return a string or a list of strings';

/** A text or a list of texts; empty ones and null are left out. @throws {EvaluationError} on anything else */
export function textList(value: CelValue): readonly string[] {
  if (value === null) return [];
  const items = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(items)) throw new EvaluationError(noTextList);
  return items.filter((item: CelValue): item is string => {
    if (typeof item !== 'string') throw new EvaluationError(noTextList);
    return item !== '';
  });
}
