import {
  CelCostError,
  CelOptional,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  fromJson,
} from '@coxswain/cel';
import { deepEqual, duplicate, type FieldError, FieldPath, forbidden, required } from '@coxswain/machinery';
import type { RuleCheck } from './custom-resource.ts';
import { type DefinitionVersion, schemaOf } from './definition.ts';
import { type CompiledRule, type CompiledRules, compileRulesOf } from './schema/rule.ts';
import { additionalSchema, isMembers, type Schema } from './schema/schema.ts';
import { type Old, oldItem } from './schema/validate-value.ts';

/** Upstream's bounds: of one expression, and of all rules of an object together. */
const expressionCostLimit = 1_000_000;
const objectCostLimit = 10_000_000;

/** The check of a version's `x-kubernetes-validations`; undefined where it has none. */
export function compileRules(version: DefinitionVersion): RuleCheck | undefined {
  const schema = schemaOf(version);
  if (!hasRules(schema)) return undefined;
  // Compiled when first used: most definitions are read more often than their objects are written.
  let root: RuleNode | undefined;
  return (object, old) => {
    root ??= nodeOf(schema, true);
    const run = new RuleRun();
    run.check(root, object, old === undefined ? undefined : { value: old }, undefined);
    return run.errors;
  };
}

function hasRules(schema: Schema): boolean {
  if ((schema['x-kubernetes-validations']?.length ?? 0) > 0) return true;
  return below(schema).some(hasRules);
}

function below(schema: Schema): Schema[] {
  const additional = additionalSchema(schema);
  return [
    ...Object.values(schema.properties ?? {}),
    ...(additional === undefined ? [] : [additional]),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
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
    own: compileRulesOf(schema, isResource),
    properties,
    additional: child(additionalSchema(schema)),
    items: child(schema.items),
  };
}

class RuleRun {
  readonly errors: FieldError[] = [];
  #budget = objectCostLimit;

  check(node: RuleNode, value: unknown, old: Old | undefined, path: FieldPath | undefined): void {
    if (value === undefined || value === null || this.#budget < 0) return;
    if (node.own !== undefined) {
      for (const rule of node.own.rules) {
        if (!this.#checkRule(rule, node.own.type, value, old, path ?? FieldPath.root(''))) return;
      }
    }
    if (Array.isArray(value)) {
      const { items } = node;
      if (items === undefined) return;
      value.forEach((item, i) => {
        this.check(items, item, oldItem(item, node.schema, old), (path ?? FieldPath.root('')).index(i));
      });
    } else if (isMembers(value)) {
      for (const [name, member] of Object.entries(value)) {
        const declared = node.properties.get(name);
        const before =
          isMembers(old?.value) && Object.hasOwn(old.value, name) ? { value: old.value[name] } : undefined;
        if (declared !== undefined) {
          this.check(declared, member, before, path === undefined ? FieldPath.root(name) : path.child(name));
        } else if (node.additional !== undefined && node.schema.properties?.[name] === undefined) {
          this.check(
            node.additional,
            member,
            before,
            path === undefined ? FieldPath.root(name) : path.key(name),
          );
        }
      }
    }
  }

  /** False when no more rules may run. */
  #checkRule(
    { rule, expression, message, usesOldSelf }: CompiledRule,
    type: CelType,
    value: unknown,
    old: Old | undefined,
    path: FieldPath,
  ): boolean {
    if (expression === undefined) return true;
    const optional = rule.optionalOldSelf === true;
    if (usesOldSelf && !optional && old === undefined) return true;
    const variables = variablesOf(value, old, type, optional);
    const meter = new CostMeter(Math.min(expressionCostLimit, this.#budget));
    try {
      const holds = expression.evaluate(variables, meter) === true;
      this.#budget -= meter.spent;
      // What was broken before and has not changed stays allowed.
      const same = !usesOldSelf && old !== undefined && deepEqual(value, old.value);
      if (!holds && !same) this.errors.push(this.#failure(rule, message, variables, path));
      return true;
    } catch (error) {
      this.#budget -= meter.spent;
      if (!(error instanceof CelRuntimeError)) throw error;
      const name = (rule.message ?? '') === '' ? rule.rule : rule.message;
      if (error instanceof CelCostError) {
        const text = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
        this.errors.push(invalidRule(path, text));
        this.#budget = -1;
        return false;
      }
      const text = error.message.startsWith('no such overload')
        ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`
        : `${error.message} evaluating rule: ${name}`;
      this.errors.push(invalidRule(path, text));
      return true;
    }
  }

  #failure(
    rule: CompiledRule['rule'],
    message: CompiledRule['message'],
    variables: Readonly<Record<string, CelValue>>,
    path: FieldPath,
  ): FieldError {
    const own = (rule.message ?? '').trim();
    let detail = own === '' ? `failed rule: ${rule.rule.trim()}` : own;
    if (message !== undefined) {
      const meter = new CostMeter(Math.min(expressionCostLimit, this.#budget));
      try {
        const text = message.evaluate(variables, meter);
        // A message that cannot be shown on one line is as good as none.
        if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) detail = text.trim();
      } catch (error) {
        if (!(error instanceof CelRuntimeError)) throw error;
      }
      this.#budget -= meter.spent;
    }
    const { fieldPath = '' } = rule;
    const at = fieldPath === '' ? path : within(path, fieldPath);
    switch (rule.reason) {
      case 'FieldValueForbidden':
        return forbidden(at, detail);
      case 'FieldValueRequired':
        return required(at, detail);
      case 'FieldValueDuplicate':
        return { ...duplicate(at, ''), message: `Duplicate value: ${detail}` };
      default:
        return invalidRule(at, detail);
    }
  }
}

/** `.a['b'].c` below a path. */
function within(path: FieldPath, fieldPath: string): FieldPath {
  let at = path;
  for (const [, name, quoted] of fieldPath.matchAll(/\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)*)'\]/g)) {
    at = name !== undefined ? at.child(name) : at.child(quoted as string);
  }
  return at;
}

/** Upstream leaves the value out of these errors. */
function invalidRule(path: FieldPath, detail: string): FieldError {
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
