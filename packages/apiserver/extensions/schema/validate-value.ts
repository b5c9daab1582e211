import {
  deepEqual,
  type FieldError,
  FieldPath,
  goQuote,
  type Int64,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
  writeJson,
} from '@coxswain/machinery';
import { type Correlated, correlatedItem, correlatedMember, isUnchanged } from './correlated.ts';
import { formatOf, hasFormat } from './formats.ts';
import { numberFaults } from './number-faults.ts';
import { compilePattern } from './pattern.ts';
import { additionalSchema, isMembers, type Members, type Schema } from './schema.ts';
import { typeFault, typesOf } from './value-type.ts';

/**
 * Checks a value against a schema, with upstream's texts in upstream's order. With `old`, what did not change is not
 * checked again: objects that were stored under an older schema stay writable.
 * @param path name of the value in the texts; '' for the root
 * @param at where errors are reported, when not at `path`
 */
export function validateValue(
  value: unknown,
  schema: Schema,
  path: string,
  old?: Correlated,
  at?: FieldPath,
): FieldError[] {
  const validator = new ValueValidator(at);
  validator.check(value, schema, path, old);
  return validator.errors;
}

class ValueValidator {
  readonly errors: FieldError[] = [];
  /** How much was looked at: of alternatives that all fail, the one that came furthest is told of. */
  checks = 0;
  readonly #at: FieldPath | undefined;

  constructor(at: FieldPath | undefined) {
    this.#at = at;
  }

  check(value: unknown, schema: Schema, path: string, old: Correlated | undefined): void {
    if (old !== undefined && isUnchanged(value, old)) return;
    const types = typesOf(schema);
    const format = formatOf(schema);
    if (value === null || value === undefined) {
      if (schema.nullable !== true && types.length > 0) this.#wrongType(path, types.join(','), 'null');
      this.#checkEnum(value, schema, path);
      return;
    }
    if (types.length > 0 || format !== '') {
      const fault = typeFault(value, types, format);
      if (fault === undefined) this.checks++;
      else this.#wrongType(path, fault.wanted, fault.found);
    }
    this.#checkCombinations(value, schema, path, old);
    if (typeof value === 'string') {
      this.#checkText(value, schema, path);
      if (format !== '') this.#checkFormat(value, format, path);
    } else if (typeof value === 'number' || typeof value === 'bigint') this.#checkNumber(value, schema, path);
    else if (Array.isArray(value)) this.#checkArray(value, schema, path, old);
    this.#checkEnum(value, schema, path);
    if (isMembers(value)) this.#checkObject(value, schema, path, old);
    this.checks++;
  }

  /** What is said twice is told once. */
  #add(error: FieldError): void {
    if (!this.errors.some(({ field, message }) => field === error.field && message === error.message)) {
      this.errors.push(error);
    }
  }

  #merge(other: ValueValidator): void {
    for (const error of other.errors) this.#add(error);
    this.checks += other.checks;
  }

  #path(path: string): FieldPath {
    if (this.#at === undefined) return path === '' ? nowhere : FieldPath.root(path);
    return path === '' ? this.#at : this.#at.child(path);
  }

  #wrongType(path: string, wanted: string, found: string): void {
    const text = `${path} in body must be of type ${wanted}: ${goQuote(found)}`;
    this.#add(typeInvalid(this.#path(path), found, text));
  }

  #fault(path: string, value: unknown, text: string): void {
    this.#add(invalid(this.#path(path), value, `${path} in body ${text}`));
  }

  /** Faults of combinations are nobody's field. */
  #combinationFault(path: string, text: string): void {
    this.#add(invalid(this.#path(''), '', `${goQuote(path)} ${text}`));
  }

  #checkText(value: string, { maxLength, minLength, pattern }: Schema, path: string): void {
    this.checks++;
    if (maxLength !== undefined || minLength !== undefined) {
      const length = [...value].length;
      if (maxLength !== undefined && length > maxLength) {
        this.#add(tooLong(this.#path(path), maxLength));
        return;
      }
      if (minLength !== undefined && length < minLength) {
        this.#fault(path, value, `should be at least ${minLength} chars long`);
        return;
      }
    }
    if (pattern !== undefined && !compilePattern(pattern).test(value)) {
      this.#fault(path, value, `should match '${pattern}'`);
    }
  }

  #checkFormat(value: string, format: string, path: string): void {
    this.checks++;
    if (!hasFormat(format, value)) this.#wrongType(path, format, value);
  }

  #checkNumber(value: Int64, schema: Schema, path: string): void {
    this.checks++;
    for (const { value: shown, text } of numberFaults(value, schema, path)) {
      if (shown === undefined) this.#add(invalid(this.#path(''), '', text));
      else this.#add(invalid(this.#path(path), shown, text));
    }
  }

  #checkEnum(value: unknown, { enum: allowed }: Schema, path: string): void {
    this.checks++;
    if (allowed === undefined || allowed.length === 0) return;
    // Nothing is equal to null, not even a null among the choices.
    if (value !== null && allowed.some((choice) => deepEqual(choice, value))) return;
    const shown = allowed.map((choice) => (typeof choice === 'string' ? choice : writeJson(choice)));
    this.#add(notSupported(this.#path(path), value, shown));
  }

  #checkArray(value: readonly unknown[], schema: Schema, path: string, old: Correlated | undefined): void {
    this.checks++;
    const { items, minItems, maxItems } = schema;
    if (items !== undefined) {
      value.forEach((item, i) => {
        this.check(item, items, `${path}[${i}]`, correlatedItem(old, item));
      });
    }
    if (minItems !== undefined && value.length < minItems) {
      this.#fault(path, value.length, `should have at least ${minItems} items`);
    }
    if (maxItems !== undefined && value.length > maxItems) {
      this.#add(tooMany(this.#path(path), value.length, maxItems));
    }
    if (
      schema.uniqueItems === true &&
      value.some((a, i) => value.slice(i + 1).some((b) => deepEqual(a, b)))
    ) {
      this.#fault(path, '', "shouldn't contain duplicates");
    }
  }

  #checkObject(value: Members, schema: Schema, path: string, old: Correlated | undefined): void {
    const { minProperties, maxProperties, properties } = schema;
    const size = Object.keys(value).length;
    if (minProperties !== undefined && size < minProperties) {
      this.#fault(path, size, `should have at least ${minProperties} properties`);
      return;
    }
    if (maxProperties !== undefined && size > maxProperties) {
      this.#add(tooMany(this.#path(path), size, maxProperties));
      return;
    }
    const additional = additionalSchema(schema);
    const within = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const [name, member] of Object.entries(value)) {
      const declared =
        properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : additional;
      if (declared !== undefined) this.check(member, declared, within(name), correlatedMember(old, name));
      else if (schema.additionalProperties === false) {
        this.#add(invalid(this.#path(path), name, `${path}.${name} in body is a forbidden property`));
      }
    }
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) this.#add(required(this.#path(within(name))));
    }
  }

  #checkCombinations(value: unknown, schema: Schema, path: string, old: Correlated | undefined): void {
    this.checks++;
    const { allOf, anyOf, oneOf, not } = schema;
    const attempt = (one: Schema): ValueValidator => {
      const validator = new ValueValidator(this.#at);
      validator.check(value, one, path, old);
      return validator;
    };
    if (anyOf !== undefined && anyOf.length > 0) {
      const { valid, furthest } = attemptAll(anyOf, attempt, 1);
      if (valid === 0) this.#combinationFault(path, 'must validate at least one schema (anyOf)');
      if (furthest !== undefined) this.#merge(furthest);
    }
    if (oneOf !== undefined && oneOf.length > 0) {
      const { valid, furthest } = attemptAll(oneOf, attempt);
      if (valid !== 1) {
        const detail = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
        this.#combinationFault(path, `must validate one and only one schema (oneOf). ${detail}`);
      }
      if (furthest !== undefined && valid < 2) this.#merge(furthest);
    }
    if (allOf !== undefined && allOf.length > 0) {
      const found = allOf.map(attempt);
      for (const one of found) this.#merge(one);
      const valid = found.filter(({ errors }) => errors.length === 0).length;
      if (valid !== allOf.length) {
        const detail = valid === 0 ? '. None validated' : '';
        this.#combinationFault(path, `must validate all the schemas (allOf)${detail}`);
      }
    }
    if (not !== undefined && attempt(not).errors.length === 0) {
      this.#combinationFault(path, 'must not validate the schema (not)');
    }
  }
}

/** An error at no field at all. */
const nowhere = FieldPath.root('');

/**
 * Tries alternatives, until `enough` of them hold.
 * @returns how many hold, and the first that does; where none does, the first of those that came furthest
 */
function attemptAll(
  schemas: readonly Schema[],
  attempt: (one: Schema) => ValueValidator,
  enough = Number.POSITIVE_INFINITY,
): { readonly valid: number; readonly furthest: ValueValidator | undefined } {
  let valid = 0;
  let furthest: ValueValidator | undefined;
  for (const schema of schemas) {
    const found = attempt(schema);
    if (found.errors.length === 0) {
      if (valid === 0) furthest = found;
      if (++valid >= enough) break;
    } else if (valid === 0 && (furthest === undefined || found.checks > furthest.checks)) furthest = found;
  }
  return { valid, furthest };
}
