import {
  CelCostError,
  CelOptional,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  type Expression,
  fromJson,
} from '@coxswain/cel';
import {
  duplicate,
  type FieldError,
  FieldPath,
  forbidden,
  goQuote,
  invalid,
  required,
} from '@coxswain/machinery';
import type { RuleCheck } from './custom-validator.ts';
import { type DefinitionVersion, schemaOf } from './definition.ts';
import {
  type Correlated,
  correlatedItem,
  correlatedMember,
  isUnchanged,
  itemBefore,
} from './schema/correlated.ts';
import { findField } from './schema/field-path.ts';
import { type CompiledRule, type CompiledRules, compileRulesOf } from './schema/rule.ts';
import { beginEvaluation, timedCompilation } from './schema/rule-metrics.ts';
import { additionalSchema, isMembers, type Schema, type ValidationRule } from './schema/schema.ts';

/** Upstream's bounds: of one expression, and of all rules of an object together. */
const expressionCostLimit = 1_000_000;
const objectCostLimit = 10_000_000;
/** The longest message that is shown. */
const maxMessageBytes = 5 * 1024;

/** The check of a version's `x-kubernetes-validations`; undefined where it has none. */
export function compileRules(version: DefinitionVersion): RuleCheck | undefined {
  const schema = schemaOf(version);
  if (!hasRules(schema)) return undefined;
  // Compiled when first used: most definitions are read more often than their objects are written.
  let root: RuleNode | undefined;
  return (object, old, warn) => {
    root ??= nodeOf(schema, true);
    const run = new RuleRun(warn);
    const before = old === undefined ? undefined : { value: old, schema };
    run.check(root, object, before, { current: before, parentUnchanged: false }, undefined);
    return run.errors;
  };
}

/** Checks a default by the rules of its schema, as a value that was there before. */
export function validateDefaultByRules(value: unknown, schema: Schema, path: FieldPath): FieldError[] {
  if (!hasRules(schema)) return [];
  const root = nodeOf(schema, schema['x-kubernetes-embedded-resource'] === true);
  const errorsAfter = (old: Old | undefined): FieldError[] => {
    const run = new RuleRun(() => {});
    // What was there before is compared with, and none the more tolerated.
    run.check(root, value, old, { current: undefined, parentUnchanged: false }, path);
    return run.errors;
  };
  const errors = errorsAfter({ value });
  return errors.length > 0 ? errors : errorsAfter(undefined);
}

function hasRules(schema: Schema): boolean {
  if ((schema['x-kubernetes-validations']?.length ?? 0) > 0) return true;
  const { properties, items } = schema;
  for (const name in properties) {
    if (hasRules(properties[name] as Schema)) return true;
  }
  const additional = additionalSchema(schema);
  return (additional !== undefined && hasRules(additional)) || (items !== undefined && hasRules(items));
}

/** The part of a schema that has rules at or below it. */
interface RuleNode {
  readonly schema: Schema;
  readonly own: CompiledRules | undefined;
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly additional: RuleNode | undefined;
  readonly items: RuleNode | undefined;
}

function nodeOf(schema: Schema, isResource: boolean): RuleNode {
  const child = (one: Schema | undefined): RuleNode | undefined =>
    one !== undefined && hasRules(one)
      ? nodeOf(one, one['x-kubernetes-embedded-resource'] === true)
      : undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const node = child(property);
    if (node !== undefined) properties.set(name, node);
  }
  return {
    schema,
    own: timedCompilation(() => compileRulesOf(schema, isResource)),
    properties,
    additional: child(additionalSchema(schema)),
    items: child(schema.items),
  };
}

/** The value that `oldSelf` stands for. */
interface Old {
  readonly value: unknown;
}

/** Whether what is wrong with a value was so before, and stays allowed. */
interface Ratchet {
  /** The value before, where it can be found again. */
  readonly current: Correlated | undefined;
  /** Whether the nearest value above that can be found again is unchanged. */
  readonly parentUnchanged: boolean;
}

class RuleRun {
  readonly errors: FieldError[] = [];
  readonly #warn: (text: string) => void;
  #budget = objectCostLimit;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** @param old the value that `oldSelf` stands for */
  check(
    node: RuleNode,
    value: unknown,
    old: Old | undefined,
    ratchet: Ratchet,
    path: FieldPath | undefined,
  ): void {
    if (value === undefined || value === null || this.#budget < 0) return;
    let known: boolean | undefined;
    const unchanged = (): boolean => {
      known ??= ratchet.current === undefined ? ratchet.parentUnchanged : isUnchanged(value, ratchet.current);
      return known;
    };
    if (node.own !== undefined) {
      const at = path ?? FieldPath.root('');
      if (this.#budget === 0) {
        this.#stop(at, schemaType(node.schema));
        return;
      }
      const ended = beginEvaluation();
      const go = node.own.rules.every((rule) => this.#checkRule(rule, node, value, old, unchanged, at));
      ended();
      if (!go) return;
    }
    if (Array.isArray(value)) this.#checkItems(node, value, old, ratchet, unchanged, path);
    else if (isMembers(value)) this.#checkMembers(node, value, old, ratchet, unchanged, path);
  }

  #checkItems(
    node: RuleNode,
    list: readonly unknown[],
    old: Old | undefined,
    ratchet: Ratchet,
    unchanged: () => boolean,
    path: FieldPath | undefined,
  ): void {
    const { items, schema } = node;
    if (items === undefined) return;
    list.forEach((item, i) => {
      const below = {
        current: correlatedItem(ratchet.current, item),
        parentUnchanged: unchanged(),
      };
      this.check(items, item, oldItem(old, schema, item), below, (path ?? FieldPath.root('')).index(i));
    });
  }

  #checkMembers(
    node: RuleNode,
    members: Readonly<Record<string, unknown>>,
    old: Old | undefined,
    ratchet: Ratchet,
    unchanged: () => boolean,
    path: FieldPath | undefined,
  ): void {
    const { properties, additional, schema } = node;
    for (const [name, member] of Object.entries(members)) {
      const declared = properties.get(name);
      const isAdditional = declared === undefined && schema.properties?.[name] === undefined;
      const child = declared ?? (isAdditional ? additional : undefined);
      if (child === undefined) continue;
      const below = {
        current: correlatedMember(ratchet.current, name),
        parentUnchanged: unchanged(),
      };
      const at =
        path === undefined
          ? FieldPath.root(name)
          : declared !== undefined
            ? path.child(name)
            : path.key(name);
      this.check(child, member, memberOf(old, name), below, at);
    }
  }

  #stop(path: FieldPath, type: string): void {
    const text =
      'validation failed due to running out of cost budget, no further validation rules will be run';
    this.errors.push(invalid(path, type, text));
    this.#budget = -1;
  }

  /** False when no more rules may run. */
  #checkRule(
    compiled: CompiledRule,
    { own, schema }: RuleNode,
    value: unknown,
    old: Old | undefined,
    unchanged: () => boolean,
    path: FieldPath,
  ): boolean {
    const { rule, expression, usesOldSelf } = compiled;
    if (expression === undefined) return true;
    const optional = rule.optionalOldSelf === true;
    if (usesOldSelf && !optional && old === undefined) return true;
    const plain = variablesOf(value, old, (own as CompiledRules).type, false);
    const variables = optional ? variablesOf(value, old, (own as CompiledRules).type, true) : plain;
    const meter = new CostMeter(expressionCostLimit);
    let holds: boolean | CelRuntimeError;
    try {
      holds = expression.evaluate(variables, meter) === true;
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      holds = error;
    }
    if (meter.spent > this.#budget) {
      this.#stop(path, schemaType(schema));
      return false;
    }
    this.#budget -= meter.spent;
    if (holds === true) return true;
    if (holds !== false) {
      this.errors.push(invalid(path, schemaType(schema), evaluationText(holds, rule)));
      if (!(holds instanceof CelCostError)) return true;
      this.#budget = -1;
      return false;
    }
    // Messages know the old value as it is, whatever the rule makes of it.
    const failure = this.#failure(compiled, value, plain, path, schema);
    // What was broken before and has not changed stays allowed.
    if (!usesOldSelf && unchanged()) this.#warn(`${failure.field}: ${failure.message}`);
    else this.errors.push(failure);
    return this.#budget >= 0;
  }

  #failure(
    { rule, message }: CompiledRule,
    value: unknown,
    variables: Readonly<Record<string, CelValue>>,
    path: FieldPath,
    schema: Schema,
  ): FieldError {
    const { fieldPath = '', messageExpression = '' } = rule;
    const at = fieldPath === '' ? path : within(path, fieldPath, schema);
    let detail = (rule.message ?? '').trim();
    if (detail === '') detail = `failed rule: ${rule.rule.trim()}`;
    if (message !== undefined) {
      const meter = new CostMeter(expressionCostLimit);
      const shown = evaluateMessage(message, variables, meter);
      if (meter.spent > this.#budget || shown instanceof CelCostError) {
        this.#budget = -1;
        const text =
          shown instanceof CelCostError
            ? `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${goQuote(messageExpression)}`
            : 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run';
        return invalid(at, schemaType(schema), text);
      }
      this.#budget -= meter.spent;
      if (typeof shown === 'string') detail = shown;
    }
    switch (rule.reason) {
      case 'FieldValueForbidden':
        return forbidden(at, detail);
      case 'FieldValueRequired':
        return required(at, detail);
      case 'FieldValueDuplicate':
        return isPlain(schema)
          ? duplicate(at, value)
          : { type: 'FieldValueDuplicate', field: at.toString(), message: 'Duplicate value' };
      default:
        return isPlain(schema) ? invalid(at, value, detail) : invalidWithoutValue(at, detail);
    }
  }
}

/** A message that does not fit on one line, or is too long to be shown, is as good as none. */
function evaluateMessage(
  message: Expression,
  variables: Readonly<Record<string, CelValue>>,
  meter: CostMeter,
): string | CelCostError | undefined {
  try {
    const made = message.evaluate(variables, meter);
    const text = typeof made === 'string' ? made.trim() : '';
    const fits = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= maxMessageBytes;
    return fits ? text : undefined;
  } catch (error) {
    if (error instanceof CelCostError) return error;
    if (error instanceof CelRuntimeError) return undefined;
    throw error;
  }
}

function evaluationText(error: CelRuntimeError, rule: ValidationRule): string {
  const name = ((rule.message ?? '') === '' ? rule.rule : (rule.message as string)).trim();
  if (error instanceof CelCostError) {
    return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
  }
  return error.message.startsWith('no such overload')
    ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`
    : `${error.message} evaluating rule: ${name}`;
}

function oldItem(old: Old | undefined, list: Schema, item: unknown): Old | undefined {
  const value = itemBefore(old?.value, list, item);
  return value === undefined ? undefined : { value };
}

function memberOf(old: Old | undefined, name: string): Old | undefined {
  return isMembers(old?.value) && Object.hasOwn(old.value, name) ? { value: old.value[name] } : undefined;
}

/** `.a['b'].c` below a path: upstream shows the whole as one step. */
function within(path: FieldPath, fieldPath: string, schema: Schema): FieldPath {
  const found = findField(fieldPath, schema);
  return 'fault' in found ? path : path.child(found.path.toString());
}

/** Errors of evaluation show a value by its type. */
const schemaType = (schema: Schema): string => schema.type ?? '';

/** Whether values of a schema are short enough to be shown. */
const isPlain = ({ type }: Schema): boolean => type !== 'object' && type !== 'array';

function invalidWithoutValue(path: FieldPath, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: path.toString(), message: `Invalid value: ${detail}` };
}

function variablesOf(
  value: unknown,
  old: Old | undefined,
  type: CelType,
  optional: boolean,
): Readonly<Record<string, CelValue>> {
  const self = fromJson(value, type);
  const before = old === undefined ? undefined : fromJson(old.value, type);
  if (optional) return { self, oldSelf: new CelOptional(before) };
  return before === undefined ? { self } : { self, oldSelf: before };
}
