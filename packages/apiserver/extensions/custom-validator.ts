import {
  dnsSubdomainName,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateUpdatedMeta,
} from '@coxswain/api';
import { type FieldError, FieldPath, invalid, type KubeObject } from '@coxswain/machinery';
import type { Definition, DefinitionVersion } from './definition.ts';
import { type ScaleField, scaleFields, scaleStatusFields, validateScale } from './scale-paths.ts';
import { validateEmbedded } from './schema/embedded.ts';
import { validateListTypes } from './schema/list-types.ts';
import type { Schema } from './schema/schema.ts';
import { validateValue } from './schema/validate-value.ts';

export type Warn = (text: string) => void;

/** Checks the rules of a schema; `old` is absent for a creation. What was broken before is warned of. */
export type RuleCheck = (object: KubeObject, old: KubeObject | undefined, warn: Warn) => FieldError[];

/** An error at no field at all. */
const nowhere = FieldPath.root('');

/** Errors after which a rule could read what is not there. */
const blocking: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Checks objects of one version of a definition before they are stored. */
export class CustomValidator {
  readonly #definition: Definition;
  readonly #version: DefinitionVersion;
  readonly #schema: Schema;
  readonly #rules: RuleCheck | undefined;

  constructor(
    definition: Definition,
    version: DefinitionVersion,
    schema: Schema,
    rules: RuleCheck | undefined,
  ) {
    this.#definition = definition;
    this.#version = version;
    this.#schema = schema;
    this.#rules = rules;
  }

  create(object: KubeObject): FieldError[] {
    const errors = this.#typeMetaErrors(object);
    if (errors.length > 0) return errors;
    validateObjectMeta(errors, object.metadata, {
      namespaced: this.#definition.spec.scope === 'Namespaced',
      standardFinalizers: false,
      name: dnsSubdomainName,
    });
    errors.push(...validateValue(object, this.#schema, ''));
    errors.push(...validateScale(object, this.#version.subresources?.scale, scaleFields));
    errors.push(...validateEmbedded(object, this.#schema, nowhere));
    errors.push(...validateListTypes(object, this.#schema, undefined));
    this.#checkRules(errors, object, undefined, () => {});
    return errors;
  }

  update(object: KubeObject, old: KubeObject, warn: Warn): FieldError[] {
    return this.#change(object, old, warn, scaleFields);
  }

  statusUpdate(object: KubeObject, old: KubeObject, warn: Warn): FieldError[] {
    return this.#change(object, old, warn, scaleStatusFields);
  }

  /** @param scaled the fields of a scale that the change may concern */
  #change(object: KubeObject, old: KubeObject, warn: Warn, scaled: readonly ScaleField[]): FieldError[] {
    const errors: FieldError[] = [];
    validateUpdatedMeta(errors, object.metadata, old.metadata, {
      namespaced: this.#definition.spec.scope === 'Namespaced',
    });
    const typeErrors = this.#typeMetaErrors(object);
    if (typeErrors.length > 0) return [...errors, ...typeErrors];
    // Upstream looks twice, in the generic part and in the strategy.
    if (errors.length > 0) validateObjectMetaUpdate(errors, object.metadata, old.metadata);
    errors.push(
      ...(scaled === scaleFields
        ? validateValue(object, this.#schema, '', { value: old, schema: this.#schema })
        : this.#statusFaults(object, old)),
    );
    errors.push(...validateScale(object, this.#version.subresources?.scale, scaled));
    // The status may hold whatever it will.
    if (scaled === scaleFields) errors.push(...validateEmbedded(object, this.#schema, nowhere));
    const lists = validateListTypes(object, this.#schema, undefined);
    // What was broken before stays allowed.
    if (lists.length > 0 && validateListTypes(old, this.#schema, undefined).length === 0)
      errors.push(...lists);
    this.#checkRules(errors, object, old, warn);
    return errors;
  }

  /** A status is checked by itself: texts name what is below it. */
  #statusFaults({ status }: KubeObject, old: KubeObject): FieldError[] {
    const schema = this.#schema.properties?.['status'];
    if (status === undefined || schema === undefined) return [];
    return validateValue(status, schema, '', { value: old['status'], schema }, FieldPath.root('status'));
  }

  #typeMetaErrors(object: KubeObject): FieldError[] {
    const errors: FieldError[] = [];
    const { group, names } = this.#definition.spec;
    const { kind } = names;
    const apiVersion = `${group}/${this.#version.name}`;
    if (object.kind !== kind) {
      errors.push(invalid(FieldPath.root('kind'), object.kind, `must be ${kind}`));
    }
    if (object.apiVersion !== apiVersion) {
      errors.push(invalid(FieldPath.root('apiVersion'), object.apiVersion, `must be ${apiVersion}`));
    }
    return errors;
  }

  #checkRules(errors: FieldError[], object: KubeObject, old: KubeObject | undefined, warn: Warn): void {
    if (this.#rules === undefined) return;
    if (errors.some((error) => blocking.has(error.type))) {
      const text =
        'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
      errors.push(invalid(nowhere, null, text));
      return;
    }
    errors.push(...this.#rules(object, old, warn));
  }
}
