import { CelCompileError, type CelType, celTypes, Expression, kubernetesLibrary } from '@coxswain/cel';
import { celTypeOf } from './cel-type.ts';
import type { Schema, ValidationRule } from './schema.ts';

const { optionalOf } = celTypes;

/** A rule of a schema, or what is wrong with it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly expression: Expression | undefined;
  readonly message: Expression | undefined;
  readonly usesOldSelf: boolean;
  /** Texts of what does not compile, by the field of the rule. */
  readonly faults: readonly { readonly field: 'rule' | 'messageExpression'; readonly text: string }[];
}

/** The rules at one place of a schema with the type of the values there. */
export interface CompiledRules {
  readonly type: CelType;
  readonly rules: readonly CompiledRule[];
}

/** Compiles the rules of one schema, not of what is below it; undefined where there are none. */
export function compileRulesOf(schema: Schema, isResource: boolean): CompiledRules | undefined {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return undefined;
  const type = celTypeOf(schema, isResource) ?? celTypes.dyn;
  return { type, rules: rules.map((rule) => compileRule(rule, type)) };
}

function compileRule(rule: ValidationRule, self: CelType): CompiledRule {
  const oldSelf = rule.optionalOldSelf === true ? optionalOf(self) : self;
  const declarations = {
    functions: kubernetesLibrary,
    variables: new Map([
      ['self', self],
      ['oldSelf', oldSelf],
    ]),
  };
  const faults: { field: 'rule' | 'messageExpression'; text: string }[] = [];
  const compile = (source: string, field: 'rule' | 'messageExpression'): Expression | undefined => {
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
  const expression = rule.rule.trim() === '' ? undefined : compile(rule.rule, 'rule');
  const { messageExpression = '' } = rule;
  const message =
    messageExpression.trim() === '' ? undefined : compile(messageExpression, 'messageExpression');
  return { rule, expression, message, usesOldSelf: expression?.uses('oldSelf') === true, faults };
}
