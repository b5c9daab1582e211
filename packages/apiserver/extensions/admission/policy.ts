import {
  type CelMap,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  celTypes,
  declarationsOf,
  type Expression,
} from '@coxswain/cel';
import type { KubeObject } from '@coxswain/machinery';
import {
  type Compiled,
  compileAs,
  compileConditions,
  expressionCostLimit,
  type MatchCondition,
  requestCostLimit,
} from './match-conditions.ts';

/** What one validation came to. */
export interface Failure {
  readonly message: string;
  readonly reason: string;
  /** The expression could not be evaluated; the failure policy decides what that means. */
  readonly error: boolean;
}

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

  constructor(policy: KubeObject) {
    const spec = policy['spec'] ?? {};
    const params = spec.paramKind !== undefined && spec.paramKind !== null;
    const options = { params, namespace: true };
    const faults: PolicyFault[] = [];
    const note = (compiled: Compiled, source: string, ...path: (string | number)[]): Compiled => {
      if ('fault' in compiled) faults.push({ path, source, text: compiled.fault });
      return compiled;
    };
    const matchConditions = (spec.matchConditions ?? []) as { name: string; expression: string }[];
    this.conditions = compileConditions(matchConditions, declarationsOf(options));
    this.conditions.forEach(({ compiled }, i) => {
      note(compiled, matchConditions[i]?.expression ?? '', 'matchConditions', i, 'expression');
    });
    const types: Record<string, CelType> = {};
    this.#variables = ((spec.variables ?? []) as { name: string; expression: string }[]).map(
      ({ name, expression }, i) => {
        const compiled = compileAs(expression, declarationsOf(options, { ...types }), []);
        types[name] = 'expression' in compiled ? compiled.expression.type : celTypes.dyn;
        return { name, compiled: note(compiled, expression, 'variables', i, 'expression') };
      },
    );
    const declarations = declarationsOf(options, types);
    this.#validations = ((spec.validations ?? []) as Record<string, string | undefined>[]).map((one, i) => {
      const { expression: source = '', message = '', messageExpression = '', reason = '' } = one;
      const text = messageExpression.trim();
      return {
        source: source.trim(),
        compiled: note(compileAs(source, declarations, ['bool']), source, 'validations', i, 'expression'),
        message: message.trim(),
        messageExpression:
          text === ''
            ? undefined
            : note(
                compileAs(messageExpression, declarations, ['string']),
                messageExpression,
                'validations',
                i,
                'messageExpression',
              ),
        reason,
      };
    });
    ((spec.auditAnnotations ?? []) as { valueExpression?: string }[]).forEach(
      ({ valueExpression: source = '' }, i) => {
        if (source.trim() === '') return;
        note(
          compileAs(source, declarations, ['string', 'null']),
          source,
          'auditAnnotations',
          i,
          'valueExpression',
        );
      },
    );
    this.faults = faults;
  }

  /** All validations that do not hold, in order. */
  evaluate(values: Readonly<Record<string, CelValue>>): Failure[] {
    const failures: Failure[] = [];
    const budget = new CostMeter(requestCostLimit);
    const scope = { ...values, variables: new LazyVariables(this.#variables, values, budget) };
    for (const validation of this.#validations) {
      const { compiled, source, reason } = validation;
      try {
        if (run(compiled, scope, budget) === true) continue;
        failures.push({ message: messageOf(validation, scope, budget), reason, error: false });
      } catch (error) {
        if (!(error instanceof CelRuntimeError)) throw error;
        const message = `expression '${source}' resulted in error: ${error.message}`;
        failures.push({ message, reason: '', error: true });
      }
    }
    return failures;
  }
}

export function run(
  compiled: Compiled,
  values: Readonly<Record<string, CelValue>>,
  budget: CostMeter,
): CelValue {
  if ('fault' in compiled) throw new CelRuntimeError(compiled.fault);
  return evaluate(compiled.expression, values, budget);
}

function evaluate(
  expression: Expression,
  values: Readonly<Record<string, CelValue>>,
  budget: CostMeter,
): CelValue {
  const meter = new CostMeter(expressionCostLimit);
  try {
    return expression.evaluate(values, meter);
  } finally {
    budget.spend(meter.spent);
  }
}

function messageOf(
  { message, messageExpression, source }: Validation,
  values: Readonly<Record<string, CelValue>>,
  budget: CostMeter,
): string {
  if (messageExpression !== undefined) {
    try {
      const text = run(messageExpression, values, budget);
      // A text that does not fit on one line is as good as none.
      if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim();
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
    }
  }
  return message === '' ? `failed expression: ${source}` : message;
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
      return { value: run(compiled, { ...this.#values, variables: this }, this.#budget) };
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      return {
        error: new CelRuntimeError(`composited variable "${name}" fails to evaluate: ${error.message}`),
      };
    }
  }
}
