import {
  CelCompileError,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  celTypes,
  type Declarations,
  Expression,
  fromJson,
  kubernetesLibrary,
  type ObjectType,
} from '@coxswain/cel';
import type { UserInfo } from '../../contract.ts';
import { TokenError } from '../token.ts';

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

/** The value that expressions see as `claims`. */
export function claimsValue(claims: Readonly<Record<string, unknown>>): Record<string, CelValue> {
  return { claims: fromJson(claims, claimsType) };
}

/** The value that expressions see as `user`. */
export function userValue(user: UserInfo): Record<string, CelValue> {
  const { name, uid = '', groups, extra = {} } = user;
  return { user: fromJson({ username: name, uid, groups, extra }, userType) };
}

/** @throws {TokenError} with `what` before upstream's text when the expression fails */
export function evaluate(
  expression: Expression,
  values: Readonly<Record<string, CelValue>>,
  what: string,
): CelValue {
  try {
    return expression.evaluate(values, new CostMeter(costLimit));
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    throw new TokenError(`${what}: expression '${expression.source}' resulted in error: ${error.message}`);
  }
}

/** An expression must hold; the message is shown when it does not. */
export interface ValidationRule {
  readonly expression: Expression;
  readonly message: string;
}

/** @throws {TokenError} with `what` before upstream's text when one does not hold */
export function checkRules(
  rules: readonly ValidationRule[],
  values: Readonly<Record<string, CelValue>>,
  what: string,
): void {
  const faults: string[] = [];
  for (const { expression, message } of rules) {
    const held = evaluate(expression, values, what);
    if (typeof held !== 'boolean')
      throw new TokenError(`${what}: validation expression must return a boolean`);
    if (!held) faults.push(`validation expression '${expression.source}' failed: ${message}`);
  }
  if (faults.length > 0) {
    throw new TokenError(`${what}: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`);
  }
}

const noTextList = 'expression must return a string or a list of strings';

/** A text or a list of texts; empty ones and null are left out. @throws {TokenError} on anything else */
export function textList(value: CelValue, what: string): readonly string[] {
  if (value === null) return [];
  const items = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(items)) throw new TokenError(`${what}: ${noTextList}`);
  return items.filter((item: CelValue): item is string => {
    if (typeof item !== 'string') throw new TokenError(`${what}: ${noTextList}`);
    return item !== '';
  });
}
