import {
  CelCompileError,
  type CelType,
  celTypeOf,
  celTypes,
  Expression,
  kubernetesLibrary,
} from '@coxswain/cel';
import { type DeclSize, declSizeOf, maxCardinality, sizeAt } from './decl-size.ts';
import type { Schema, ValidationRule } from './schema.ts';

const { optionalOf } = celTypes;

type RuleField = 'rule' | 'messageExpression';

/** A rule of a schema, or what is wrong with it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly expression: Expression | undefined;
  readonly message: Expression | undefined;
  readonly usesOldSelf: boolean;
  /** The most that one evaluation of the rule is estimated to cost; 0 when it does not compile. */
  readonly cost: number;
  readonly messageCost: number;
  /** Texts of what does not compile, by the field of the rule. */
  readonly faults: readonly { readonly field: RuleField; readonly text: string }[];
}

/** The rules at one place of a schema with the type of the values there. */
export interface CompiledRules {
  readonly type: CelType;
  readonly rules: readonly CompiledRule[];
  /** How often values of the schema fit into one request. */
  readonly cardinality: number;
}

/**
 * Compiles the rules of one schema, not of what is below it; undefined where there are none, or where the values are
 * of no type that rules can look at.
 */
export function compileRulesOf(schema: Schema, isResource: boolean): CompiledRules | undefined {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return undefined;
  const type = celTypeOf(schema, isResource);
  const size = declSizeOf(schema, isResource);
  if (type === undefined || size === undefined) return undefined;
  return {
    type,
    rules: rules.map((rule) => compileRule(rule, type, size)),
    cardinality: maxCardinality(size.minBytes),
  };
}

function compileRule(rule: ValidationRule, self: CelType, size: DeclSize): CompiledRule {
  const oldSelf = rule.optionalOldSelf === true ? optionalOf(self) : self;
  const declarations = {
    functions: kubernetesLibrary,
    variables: new Map([
      ['self', self],
      ['oldSelf', oldSelf],
    ]),
  };
  const faults: { field: RuleField; text: string }[] = [];
  const compile = (source: string, field: RuleField): Expression | undefined => {
    try {
      const expression = new Expression(source, declarations);
      const wanted = field === 'rule' ? 'bool' : 'string';
      if (expression.type.kind === wanted) return expression;
      const text =
        field === 'rule'
          ? 'cel expression must evaluate to a bool'
          : 'messageExpression must evaluate to a string';
      faults.push({ field, text });
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      const prefix = field === 'rule' ? '' : 'messageExpression ';
      faults.push({ field, text: `${prefix}compilation failed: ${error.message}` });
    }
    return undefined;
  };
  const cost = (expression: Expression | undefined): number =>
    expression?.estimateCost((path) => {
      const found = path.length === 0 ? undefined : sizeAt(size, path);
      return found === undefined ? undefined : { min: 0, max: found.maxElements };
    }).max ?? 0;
  const expression = rule.rule.trim() === '' ? undefined : compile(rule.rule, 'rule');
  const { messageExpression = '' } = rule;
  // What a rule that does not compile would say does not matter.
  const message =
    messageExpression === '' || expression === undefined
      ? undefined
      : compile(messageExpression, 'messageExpression');
  return {
    rule,
    expression,
    message,
    usesOldSelf: expression?.uses('oldSelf') === true,
    cost: cost(expression),
    messageCost: cost(message),
    faults,
  };
}
