import { type FieldError, type FieldPath, forbidden, internal, invalid } from '@coxswain/machinery';
import type { Place } from './open-api-schema.ts';
import { compileRulesOf } from './rule.ts';
import type { ValidationRule } from './schema.ts';

/** The most that one expression may be estimated to cost, and all of a schema together. */
const expressionLimit = 10_000_000;
const schemaLimit = 100_000_000;
const unbounded = 2 ** 64;
/** The most expensive expressions that are named when all are too much, and the least that is worth naming. */
const named = 4;
const worthNaming = schemaLimit / 100;

/** Collects what is wrong with the rules of one schema, and what they cost together. */
export class RuleErrors {
  readonly errors: FieldError[] = [];
  readonly #suppressCost: boolean;
  #total = 0;
  #expensive: { readonly path: FieldPath; readonly cost: number }[] = [];

  /** @param suppressCost the schema was accepted before: single expressions may cost what they cost */
  constructor(suppressCost: boolean) {
    this.#suppressCost = suppressCost;
  }

  check({ schema, path, isRoot, cardinality, uncorrelated }: Place): void {
    const compiled = compileRulesOf(schema, isRoot || schema['x-kubernetes-embedded-resource'] === true);
    const at = path.child('x-kubernetes-validations');
    if (compiled === undefined) {
      const text =
        'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';
      this.errors.push(internal(at, text));
      return;
    }
    compiled.rules.forEach(({ rule, faults, usesOldSelf, cost, message, messageCost }, i) => {
      const here = at.index(i);
      this.#observe(here.child('rule'), product(cost, cardinality ?? compiled.cardinality), 'rule');
      for (const { field, text } of faults) this.errors.push(invalidRule(here.child(field), rule, text));
      if (message !== undefined) {
        this.#observe(here.child('messageExpression'), messageCost, 'messageExpression');
      }
      if (usesOldSelf && uncorrelated !== undefined) {
        const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
        this.errors.push(invalid(here.child('rule'), rule.rule, text));
      } else if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
        const text = 'may not be set if oldSelf is not used in rule';
        this.errors.push(invalid(here.child('optionalOldSelf'), rule.optionalOldSelf, text));
      }
    });
  }

  #observe(path: FieldPath, cost: number, what: string): void {
    if (!this.#suppressCost && cost > expressionLimit) {
      this.errors.push(forbidden(path, costText(`estimated ${what} cost`, cost, expressionLimit)));
    }
    this.#total = Math.min(this.#total + cost, unbounded);
    if (cost < worthNaming) return;
    this.#expensive.push({ path, cost });
    this.#expensive.sort((a, b) => b.cost - a.cost);
    this.#expensive = this.#expensive.slice(0, named);
  }

  /** What all rules together cost too much. @param path of the whole schema */
  totalErrors(path: FieldPath): FieldError[] {
    if (this.#total <= schemaLimit) return [];
    const contributed =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const total = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#expensive.map((one) => forbidden(one.path, contributed)),
      forbidden(path, costText(total, this.#total, schemaLimit)),
    ];
  }
}

const product = (cost: number, count: number): number => Math.min(cost * count, unbounded);

function costText(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  let shown = `${factor.toFixed(1)}x`;
  if (factor > 100) shown = 'more than 100x';
  else if (factor < 1.5) shown = `${factor.toFixed(6)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** A rule as upstream's internal struct prints in Go's JSON, which escapes what HTML reads. */
function shown(rule: ValidationRule): string {
  const text = JSON.stringify({
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  });
  return text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

function invalidRule(path: FieldPath, rule: ValidationRule, text: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field: path.toString(),
    message: `Invalid value: ${shown(rule)}: ${text}`,
  };
}
