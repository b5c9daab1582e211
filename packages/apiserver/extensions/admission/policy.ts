import {
  type CelMap,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  celTypes,
  declarationsOf,
} from '@coxswain/cel';
import type { KubeObject } from '@coxswain/machinery';
import {
  type Compiled,
  compileAs,
  compileConditions,
  evaluateWithin,
  expressionCostLimit,
  type MatchCondition,
  OutOfBudget,
  requestCostLimit,
} from './match-conditions.ts';

/** The longest message that is shown. */
const maxMessageBytes = 5 * 1024;

/** What one validation came to. */
export interface Failure {
  readonly message: string;
  readonly reason: string;
  /** The expression could not be evaluated; the failure policy decides what that means. */
  readonly error: boolean;
  /** Which of the policy's validations. */
  readonly index: number;
}

/** What one audit annotation came to. */
export type Annotation =
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly error: string };

export interface Variable {
  readonly name: string;
  readonly compiled: Compiled;
}

interface Validation {
  readonly source: string;
  readonly compiled: Compiled;
  readonly message: string;
  readonly messageExpression: Compiled | undefined;
  readonly reason: string;
}

/** A place where a policy does not compile. */
export interface PolicyFault {
  /** Names and indexes below `spec`. */
  readonly path: readonly (string | number)[];
  readonly source: string;
  readonly text: string;
}

/** A ValidatingAdmissionPolicy ready to be evaluated. */
export class CompiledPolicy {
  readonly conditions: readonly MatchCondition[];
  readonly faults: readonly PolicyFault[];
  readonly #variables: readonly Variable[];
  readonly #validations: readonly Validation[];
  readonly #annotations: readonly { readonly key: string; readonly compiled: Compiled }[];

  constructor(policy: KubeObject) {
    const spec = policy['spec'] ?? {};
    const params = spec.paramKind !== undefined && spec.paramKind !== null;
    const options = { params };
    const faults: PolicyFault[] = [];
    const note = (compiled: Compiled, source: string, ...path: (string | number)[]): Compiled => {
      if ('fault' in compiled) faults.push({ path, source, text: compiled.fault });
      return compiled;
    };
    const matchConditions = (spec.matchConditions ?? []) as { name: string; expression: string }[];
    this.conditions = compileConditions(matchConditions, declarationsOf(options));
    this.conditions.forEach(({ compiled, source }, i) => {
      note(compiled, source, 'matchConditions', i, 'expression');
    });
    const types: Record<string, CelType> = {};
    this.#variables = ((spec.variables ?? []) as { name: string; expression: string }[]).map(
      ({ name, expression }, i) => {
        const compiled = compileAs(expression, declarationsOf(options, { ...types }), []);
        types[name] = 'expression' in compiled ? compiled.expression.type : celTypes.dyn;
        return { name, compiled: note(compiled, expression, 'variables', i, 'expression') };
      },
    );
    // Without variables there is not even the word for them.
    const composed = this.#variables.length > 0 ? types : undefined;
    const declarations = declarationsOf(options, composed);
    // Messages are of the object, not of who may do what.
    const ofMessages = declarationsOf({ ...options, authorizer: false }, composed);
    this.#validations = ((spec.validations ?? []) as Record<string, string | undefined>[]).map((one, i) => {
      const { expression: source = '', message = '', messageExpression = '', reason = '' } = one;
      const text = messageExpression.trim();
      return {
        source,
        compiled: note(compileAs(source, declarations, ['bool']), source, 'validations', i, 'expression'),
        message: message.trim(),
        messageExpression:
          text === ''
            ? undefined
            : note(
                compileAs(messageExpression, ofMessages, ['string']),
                messageExpression,
                'validations',
                i,
                'messageExpression',
              ),
        reason,
      };
    });
    this.#annotations = (
      (spec.auditAnnotations ?? []) as { key?: string; valueExpression?: string }[]
    ).flatMap(({ key = '', valueExpression: source = '' }, i) => {
      if (source.trim() === '') return [];
      const compiled = compileAs(source.trim(), declarations, ['string', 'null']);
      return [{ key, compiled: note(compiled, source, 'auditAnnotations', i, 'valueExpression') }];
    });
    this.faults = faults;
  }

  /** All validations that do not hold, in order. */
  evaluate(values: Readonly<Record<string, CelValue>>): Failure[] {
    const failures: Failure[] = [];
    const budget = new CostMeter(requestCostLimit);
    const scope = { ...values, variables: new LazyVariables(this.#variables, values, budget) };
    for (const [index, validation] of this.#validations.entries()) {
      const { compiled, reason } = validation;
      try {
        if (evaluateWithin(budget, compiled, scope) === true) continue;
        failures.push({ message: messageOf(validation, scope, budget), reason, error: false, index });
      } catch (error) {
        if (!(error instanceof CelRuntimeError)) throw error;
        const failure = { message: error.message, reason: '', error: true, index };
        // Without budget nothing is known of the others.
        if (error instanceof OutOfBudget) return [{ ...failure, index: 0 }];
        failures.push(failure);
      }
    }
    return failures;
  }

  /** The audit annotations of a request, without those that say nothing. */
  annotations(values: Readonly<Record<string, CelValue>>): Annotation[] {
    if (this.#annotations.length === 0) return [];
    const found: Annotation[] = [];
    const budget = new CostMeter(requestCostLimit);
    const scope = { ...values, variables: new LazyVariables(this.#variables, values, budget) };
    for (const { key, compiled } of this.#annotations) {
      try {
        const value = evaluateWithin(budget, compiled, scope);
        if (typeof value === 'string' && value.trim() !== '') found.push({ key, value: value.trim() });
      } catch (error) {
        if (!(error instanceof CelRuntimeError)) throw error;
        found.push({ key, error: error.message });
      }
    }
    return found;
  }
}

function messageOf(
  { message, messageExpression, source }: Validation,
  values: Readonly<Record<string, CelValue>>,
  budget: CostMeter,
): string {
  if (messageExpression !== undefined) {
    try {
      const text = evaluateWithin(budget, messageExpression, values);
      const trimmed = typeof text === 'string' ? text.trim() : '';
      // A text that does not fit on one line, or is too long to be shown, is as good as none.
      const fits = !trimmed.includes('\n') && Buffer.byteLength(trimmed) <= maxMessageBytes;
      if (trimmed !== '' && fits) return trimmed;
    } catch (error) {
      if (error instanceof OutOfBudget) {
        throw new OutOfBudget(`failed messageExpression: ${error.message}`);
      }
      if (!(error instanceof CelRuntimeError)) throw error;
    }
  }
  return message === '' ? `failed expression: ${source.trim()}` : message;
}

/** The variables of a policy, each evaluated when it is first asked for. */
export class LazyVariables implements CelMap {
  readonly objectType = 'kubernetes.variables';
  readonly #variables: readonly Variable[];
  readonly #values: Readonly<Record<string, CelValue>>;
  readonly #budget: CostMeter;
  readonly #known = new Map<string, { readonly value: CelValue } | { readonly error: CelRuntimeError }>();

  constructor(variables: readonly Variable[], values: Readonly<Record<string, CelValue>>, budget: CostMeter) {
    this.#variables = variables;
    this.#values = values;
    this.#budget = budget;
  }

  get size(): number {
    return this.#variables.length;
  }

  keys(): readonly CelValue[] {
    return this.#variables.map(({ name }) => name);
  }

  get(key: CelValue): CelValue | undefined {
    const variable = this.#variables.find(({ name }) => name === key);
    if (variable === undefined) return undefined;
    let known = this.#known.get(variable.name);
    if (known === undefined) {
      known = this.#evaluate(variable);
      this.#known.set(variable.name, known);
    }
    if ('error' in known) throw known.error;
    return known.value;
  }

  #evaluate({
    name,
    compiled,
  }: Variable): { readonly value: CelValue } | { readonly error: CelRuntimeError } {
    try {
      return { value: evaluateVariable(compiled, { ...this.#values, variables: this }, this.#budget) };
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      return {
        error: new CelRuntimeError(`composited variable "${name}" fails to evaluate: ${error.message}`),
      };
    }
  }
}

function evaluateVariable(
  compiled: Compiled,
  values: Readonly<Record<string, CelValue>>,
  budget: CostMeter,
): CelValue {
  if ('fault' in compiled) throw new CelRuntimeError(compiled.fault);
  const meter = new CostMeter(expressionCostLimit);
  try {
    return compiled.expression.evaluate(values, meter);
  } finally {
    if (meter.spent > budget.limit - budget.spent) budget.exhaust();
    else budget.spend(meter.spent);
  }
}
