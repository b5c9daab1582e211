import {
  deepEqual,
  type FieldError,
  FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '@coxswain/machinery';
import { hasFormat } from './formats.ts';
import { compilePattern } from './pattern.ts';
import { additionalSchema, isMembers, type Members, type Schema } from './schema.ts';

/** A value before the update, where one is known that this one came from. */
export interface Old {
  readonly value: unknown;
}

/**
 * Checks a value against a schema, with upstream's texts. With `old`, what did not change is not checked again:
 * objects that were stored under an older schema stay writable.
 * @param path name of the value in the texts; '' for the root
 * @param at where errors are reported, when not at `path`
 */
export function validateValue(
  value: unknown,
  schema: Schema,
  path: string,
  old?: Old,
  at?: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  new ValueValidator(errors, at).check(value, schema, path, old);
  return errors;
}

/** Go's name of a JSON value's type in the texts. */
export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

class ValueValidator {
  readonly #errors: FieldError[];
  readonly #at: FieldPath | undefined;

  constructor(errors: FieldError[], at: FieldPath | undefined) {
    this.#errors = errors;
    this.#at = at;
  }

  check(value: unknown, schema: Schema, path: string, old: Old | undefined): void {
    if (old !== undefined && deepEqual(value, old.value)) return;
    const types = typesOf(schema);
    if (value === null || value === undefined) {
      if (schema.nullable !== true && types.length > 0) this.#wrongType(path, types, 'null');
      return;
    }
    if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
      this.#wrongType(path, types, jsonTypeOf(value));
    }
    this.#checkCombinations(value, schema, path, old);
    if (typeof value === 'string') this.#checkText(value, schema, path);
    else if (typeof value === 'number') this.#checkNumber(value, schema, path);
    else if (Array.isArray(value)) this.#checkArray(value, schema, path, old);
    if (schema.enum !== undefined) this.#checkEnum(value, schema.enum, path);
    if (isMembers(value)) this.#checkObject(value, schema, path, old);
  }

  #path(path: string): FieldPath {
    if (this.#at === undefined) return path === '' ? nowhere : FieldPath.root(path);
    return path === '' ? this.#at : this.#at.child(path);
  }

  #wrongType(path: string, types: readonly string[], found: string): void {
    const text = `${path} in body must be of type ${types.join(',')}: "${found}"`;
    this.#errors.push(typeInvalid(this.#path(path), found, text));
  }

  #fault(path: string, value: unknown, text: string): void {
    this.#errors.push(invalid(this.#path(path), value, `${path} in body ${text}`));
  }

  #checkText(value: string, schema: Schema, path: string): void {
    const { maxLength, minLength, pattern, format } = schema;
    if (maxLength !== undefined || minLength !== undefined) {
      const length = [...value].length;
      if (maxLength !== undefined && length > maxLength) {
        this.#errors.push(tooLong(this.#path(path), maxLength));
        this.#checkFormat(value, format, path);
        return;
      }
      if (minLength !== undefined && length < minLength) {
        this.#fault(path, value, `should be at least ${minLength} chars long`);
        this.#checkFormat(value, format, path);
        return;
      }
    }
    if (pattern !== undefined && !compilePattern(pattern).test(value)) {
      this.#fault(path, value, `should match '${pattern}'`);
    }
    this.#checkFormat(value, format, path);
  }

  #checkFormat(value: string, format: string | undefined, path: string): void {
    if (format === undefined || format === '' || hasFormat(format, value)) return;
    const text = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    this.#errors.push(typeInvalid(this.#path(path), value, text));
  }

  #checkNumber(value: number, schema: Schema, path: string): void {
    const { multipleOf, maximum, minimum, format } = schema;
    if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
      this.#fault(path, value, `should be a multiple of ${multipleOf}`);
    }
    if (maximum !== undefined) {
      if (schema.exclusiveMaximum === true ? value >= maximum : value > maximum) {
        const relation = schema.exclusiveMaximum === true ? 'less than' : 'less than or equal to';
        this.#fault(path, value, `should be ${relation} ${maximum}`);
      }
    }
    if (minimum !== undefined) {
      if (schema.exclusiveMinimum === true ? value <= minimum : value < minimum) {
        const relation = schema.exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
        this.#fault(path, value, `should be ${relation} ${minimum}`);
      }
    }
    if (format === 'int32' && (value > 2 ** 31 - 1 || value < -(2 ** 31))) {
      this.#fault(path, value, `should be a valid int32`);
    }
  }

  #checkEnum(value: unknown, allowed: readonly unknown[], path: string): void {
    if (allowed.some((choice) => deepEqual(choice, value))) return;
    const shown = allowed.map((choice) => (typeof choice === 'string' ? choice : JSON.stringify(choice)));
    this.#errors.push(notSupported(this.#path(path), value, shown));
  }

  #checkArray(value: readonly unknown[], schema: Schema, path: string, old: Old | undefined): void {
    const { items, minItems, maxItems } = schema;
    if (items !== undefined) {
      value.forEach((item, i) => {
        this.check(item, items, `${path}[${i}]`, oldItem(item, schema, old));
      });
    }
    if (minItems !== undefined && value.length < minItems) {
      this.#fault(path, value.length, `should have at least ${minItems} items`);
    }
    if (maxItems !== undefined && value.length > maxItems) {
      this.#errors.push(tooMany(this.#path(path), value.length, maxItems));
    }
    if (
      schema.uniqueItems === true &&
      value.some((a, i) => value.slice(i + 1).some((b) => deepEqual(a, b)))
    ) {
      this.#fault(path, value, "shouldn't contain duplicates");
    }
  }

  #checkObject(value: Members, schema: Schema, path: string, old: Old | undefined): void {
    const { minProperties, maxProperties, properties } = schema;
    const size = Object.keys(value).length;
    if (minProperties !== undefined && size < minProperties) {
      this.#fault(path, size, `should have at least ${minProperties} properties`);
    }
    if (maxProperties !== undefined && size > maxProperties) {
      this.#errors.push(tooMany(this.#path(path), size, maxProperties));
    }
    const within = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) this.#errors.push(required(this.#path(within(name))));
    }
    const additional = additionalSchema(schema);
    for (const [name, member] of Object.entries(value)) {
      const declared =
        properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : additional;
      if (declared !== undefined) this.check(member, declared, within(name), oldMember(name, old));
      else if (schema.additionalProperties === false) {
        this.#fault(within(name), '', 'is a forbidden property');
      }
    }
  }

  #checkCombinations(value: unknown, schema: Schema, path: string, old: Old | undefined): void {
    const { allOf, anyOf, oneOf, not } = schema;
    const faults = (one: Schema): readonly FieldError[] => {
      const errors: FieldError[] = [];
      new ValueValidator(errors, this.#at).check(value, one, path, old);
      return errors;
    };
    if (anyOf !== undefined && anyOf.length > 0) {
      const found = anyOf.map(faults);
      if (!found.some((errors) => errors.length === 0)) {
        this.#fault(path, '', 'must validate at least one schema (anyOf)');
        this.#errors.push(...best(found));
      }
    }
    if (oneOf !== undefined && oneOf.length > 0) {
      const found = oneOf.map(faults);
      const valid = found.filter((errors) => errors.length === 0).length;
      if (valid !== 1) {
        const detail = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
        this.#fault(path, '', `must validate one and only one schema (oneOf). ${detail}`);
        if (valid === 0) this.#errors.push(...best(found));
      }
    }
    if (allOf !== undefined && allOf.length > 0) {
      const found = allOf.map(faults);
      for (const errors of found) this.#errors.push(...errors);
      const valid = found.filter((errors) => errors.length === 0).length;
      if (valid !== allOf.length) {
        const detail = valid === 0 ? '. None validated' : '';
        this.#fault(path, '', `must validate all the schemas (allOf)${detail}`);
      }
    }
    if (not !== undefined && faults(not).length === 0) {
      this.#fault(path, '', 'must not validate the schema (not)');
    }
  }
}

/** An error at no field at all. */
const nowhere = FieldPath.root('');

/** The alternative that came nearest. */
function best(found: readonly (readonly FieldError[])[]): readonly FieldError[] {
  return found.reduce((a, b) => (b.length < a.length ? b : a));
}

function typesOf(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
}

function isOfType(value: unknown, type: string): boolean {
  const found = jsonTypeOf(value);
  return found === type || (found === 'integer' && type === 'number');
}

function oldMember(name: string, old: Old | undefined): Old | undefined {
  if (old === undefined || !isMembers(old.value) || !Object.hasOwn(old.value, name)) return undefined;
  return { value: old.value[name] };
}

/** Items of lists with keys are known again by their keys; others are not. */
export function oldItem(item: unknown, schema: Schema, old: Old | undefined): Old | undefined {
  if (old === undefined || !Array.isArray(old.value)) return undefined;
  if (schema['x-kubernetes-list-type'] !== 'map' || !isMembers(item)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const same = (other: unknown): boolean =>
    isMembers(other) && keys.every((key) => deepEqual(other[key], item[key]));
  const found = old.value.find(same);
  return found === undefined ? undefined : { value: found };
}
