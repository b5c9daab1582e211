import { createHash } from 'node:crypto';
import {
  DecodeError,
  decodeValue,
  dnsSubdomainName,
  findType,
  prepareMetaForUpdate,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateUpdatedMeta,
} from '@coxswain/api';
import {
  copyJson,
  deepEqual,
  type FieldError,
  FieldPath,
  finish,
  inTurns,
  invalid,
  type KubeObject,
  newForbidden,
  parseApiVersion,
  type Steps,
} from '@coxswain/machinery';
import type { CoercedObject, CustomBehaviour } from '../registry/body/custom.ts';
import { tableForCustomResource } from '../registry/tables/custom-resource.ts';
import type { Table } from '../registry/tables/table.ts';
import { byName } from '../storage/member-order.ts';
import {
  type Definition,
  type DefinitionVersion,
  isTrue,
  schemaOf,
  shownVerbs,
  storageVersion,
} from './definition.ts';
import { deprecationOf } from './deprecation.ts';
import { type ScaleField, scaleFields, scaleStatusFields, validateScale } from './scale-paths.ts';
import { coerceEmbedded } from './schema/coerce-embedded.ts';
import { applySchemaDefaults, pruneNulls } from './schema/defaulting.ts';
import { validateEmbedded } from './schema/embedded.ts';
import { validateListTypes } from './schema/list-types.ts';
import { prune } from './schema/prune.ts';
import { publishedSchema, publishedSwagger } from './schema/published.ts';
import type { Members, Schema } from './schema/schema.ts';
import { validateValue } from './schema/validate-value.ts';
import { SimplePath } from './simple-path.ts';
import type { Converter } from './webhook/converter.ts';

type Warn = (text: string) => void;

/** Checks the rules of a schema; `old` is absent for a creation. What was broken before is warned of. */
export type RuleCheck = (object: KubeObject, old: KubeObject | undefined, warn: Warn) => FieldError[];

interface Coercion {
  /** Drops what does not have its type of the resources in an object, which are refused else. */
  readonly repairs: boolean;
  /** Drops nulls that the schema does not allow. */
  readonly prunesNulls: boolean;
  readonly defaults: boolean;
}

const asStored: Coercion = { repairs: true, prunesNulls: true, defaults: true };

/** An error at no field at all. */
const nowhere = FieldPath.root('');

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Errors after which a rule could read what is not there. */
const blocking: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** One version of a definition as it was established. */
export class CustomResource implements CustomBehaviour {
  readonly deprecation: string;
  readonly #definition: Definition;
  readonly #version: DefinitionVersion;
  readonly #schema: Schema;
  readonly #apiVersion: string;
  readonly #storedVersion: string;
  readonly #rules: RuleCheck | undefined;
  /** How objects get from version to version; absent where only the version's name changes. */
  readonly #converter: Converter | undefined;
  /** Stored objects of other versions in this one, as the converter made them. */
  readonly #converted = new WeakMap<KubeObject, KubeObject>();
  /** All versions of the definition, by apiVersion. */
  readonly #versions: ReadonlyMap<string, CustomResource>;
  readonly #alike = new Map<CustomResource, boolean>();
  readonly #fields: ReadonlyMap<string, SimplePath>;
  readonly #seen = new WeakMap<KubeObject, KubeObject>();
  #table: Table | undefined;
  #published: CustomBehaviour['published'] | undefined;

  constructor(
    definition: Definition,
    version: DefinitionVersion,
    versions: ReadonlyMap<string, CustomResource>,
    rules: RuleCheck | undefined,
    converter: Converter | undefined,
  ) {
    this.#converter = converter;
    const { group } = definition.spec;
    this.#definition = definition;
    this.#version = version;
    this.#schema = schemaOf(version);
    this.#apiVersion = `${group}/${version.name}`;
    this.#storedVersion = `${group}/${storageVersion(definition)?.name ?? version.name}`;
    this.#versions = versions;
    this.#rules = rules;
    this.#fields = new Map(
      (version.selectableFields ?? []).map(({ jsonPath }) => [
        jsonPath.replace(/^\./, ''),
        new SimplePath(jsonPath),
      ]),
    );
    this.deprecation = deprecationOf(definition, version);
  }

  get table(): Table {
    this.#table ??= tableForCustomResource(this.#version.additionalPrinterColumns ?? []);
    return this.#table;
  }

  get shownVerbs(): readonly string[] {
    return shownVerbs(this.#definition);
  }

  get published(): CustomBehaviour['published'] {
    if (this.#published === undefined) {
      const { names, scope } = this.#definition.spec;
      const said = JSON.stringify([this.#apiVersion, names, scope, this.#version, this.#schema]);
      this.#published = {
        revision: createHash('sha256').update(said).digest('base64url'),
        listKind: names.listKind ?? `${names.kind}List`,
        selectableFields: [...this.#fields.keys()],
        schema: () => publishedSchema(this.#schema),
        swagger: () => publishedSwagger(this.#schema),
      };
    }
    return this.#published;
  }

  coerce(value: Members): CoercedObject {
    return finish(this.coerceInSteps(value, false));
  }

  coerceInSteps(value: Members, applied: boolean): Steps<CoercedObject> {
    return this.#coerce(value, { repairs: false, prunesNulls: !applied, defaults: true });
  }

  /** What was converted: only what a client sends and what is stored has the defaults of its version. */
  #coerceConverted(value: Members): KubeObject {
    return finish(this.#coerce(value, { repairs: true, prunesNulls: false, defaults: false })).object;
  }

  /**
   * The schema of what an object says it is: a kind of others has none here, and a version that there is not knows
   * nothing.
   */
  #schemaOf({ apiVersion, kind }: Members): Schema | undefined {
    if (apiVersion === this.#apiVersion && kind === this.#definition.spec.names.kind) return this.#schema;
    const { group, names } = this.#definition.spec;
    if (kind !== names.kind || parseApiVersion(String(apiVersion)).group !== group) return undefined;
    const other = this.#versions.get(String(apiVersion));
    return other === undefined ? {} : other.#schema;
  }

  *#coerce(value: Members, { repairs, prunesNulls, defaults }: Coercion): Steps<CoercedObject> {
    const { apiVersion, kind, metadata, ...rest } = value;
    const schema = this.#schemaOf(value);
    const type = findType(objectMeta);
    if (type === undefined) throw new Error('decoding a custom resource: there are no facts of ObjectMeta');
    const meta = decodeValue(metadata ?? {}, type, { strict: true });
    const object = { apiVersion, kind, metadata: meta.object, ...rest } as KubeObject;
    yield;
    const unknown = meta.strictErrors.map((text) => text.replace('field "', 'field "metadata.'));
    if (schema === undefined) return { object, unknownFields: unknown };
    unknown.push(...prune(object, schema, true).map((path) => `unknown field ${JSON.stringify(path)}`));
    yield;
    const embedded = coerceEmbedded(object, schema, repairs);
    if (embedded.fault !== undefined) {
      throw new DecodeError(`${embedded.fault.field}: ${embedded.fault.message}`);
    }
    unknown.push(...embedded.unknown);
    yield;
    if (prunesNulls) pruneNulls(object, schema);
    if (defaults) applySchemaDefaults(object, schema);
    return { object, unknownFields: unknown };
  }

  fromStored(stored: KubeObject): KubeObject {
    return this.#seen.get(stored) ?? finish(this.fromStoredInSteps(stored));
  }

  *fromStoredInSteps(stored: KubeObject): Steps<KubeObject> {
    const seen = this.#seen.get(stored);
    if (seen !== undefined) return seen;
    const other = this.#versions.get(stored.apiVersion);
    const shown =
      other === undefined || other === this
        ? yield* this.#coerceStored(stored)
        : this.#fromOther(stored, other);
    yield;
    const object = byName(shown);
    this.#seen.set(stored, object);
    return object;
  }

  *#coerceStored(stored: KubeObject): Steps<KubeObject> {
    const copy = this.#renamedCopy(stored);
    yield;
    return (yield* this.#coerce(copy, asStored)).object;
  }

  prepare(stored: readonly KubeObject[]): Promise<void> | undefined {
    const converter = this.#converter;
    if (converter === undefined) return undefined;
    const byVersion = new Map<string, KubeObject[]>();
    for (const object of stored) {
      if (object.apiVersion === this.#apiVersion || this.#converted.has(object)) continue;
      const same = byVersion.get(object.apiVersion);
      if (same === undefined) byVersion.set(object.apiVersion, [object]);
      else same.push(object);
    }
    if (byVersion.size === 0) return undefined;
    const convert = async (objects: readonly KubeObject[]): Promise<void> => {
      const read = await inTurns(this.#readAll(objects));
      const made = await converter.convert(read, this.#apiVersion);
      objects.forEach((object, i) => {
        this.#converted.set(object, made[i] as KubeObject);
      });
    };
    return Promise.all([...byVersion.values()].map(convert)).then(() => {});
  }

  prepareAll(stored: Iterable<KubeObject>): Promise<void> | undefined {
    if (this.#converter === undefined) return undefined;
    return inTurns(gathered(stored)).then((objects) => this.prepare(objects));
  }

  /** Each as the version shows it that it is stored in. */
  *#readAll(stored: readonly KubeObject[]): Steps<KubeObject[]> {
    const read: KubeObject[] = [];
    for (const one of stored) {
      read.push(this.#versions.get(one.apiVersion)?.fromStored(one) ?? one);
      yield;
    }
    return read;
  }

  /** What is stored in another version, with the defaults of that one. */
  #fromOther(stored: KubeObject, other: CustomResource): KubeObject {
    if (this.#converter === undefined) return this.#renamed(other.fromStored(stored), other);
    const converted = this.#converted.get(stored);
    if (converted === undefined) {
      throw new Error(
        `showing "${stored.metadata.name}" as ${this.#apiVersion}: it was not converted before`,
      );
    }
    return this.#coerceConverted(copyJson(converted) as Members);
  }

  /** An object of another version that differs in nothing but its name and its schema. Shares parts with it. */
  #renamed(object: KubeObject, other: CustomResource): KubeObject {
    return this.#isLike(other)
      ? { ...object, apiVersion: this.#apiVersion }
      : this.#coerceConverted(this.#renamedCopy(object));
  }

  #renamedCopy(object: KubeObject): Members {
    return { ...(copyJson(object) as Members), apiVersion: this.#apiVersion };
  }

  /** Whether another version has the same schema. */
  #isLike(other: CustomResource): boolean {
    let alike = this.#alike.get(other);
    if (alike === undefined) {
      alike = deepEqual(this.#schema, other.#schema);
      this.#alike.set(other, alike);
    }
    return alike;
  }

  toStored(object: KubeObject): KubeObject | Promise<KubeObject> {
    const storage = this.#versions.get(this.#storedVersion);
    if (object.apiVersion !== this.#apiVersion || storage === undefined || storage === this) return object;
    if (this.#converter === undefined) return storage.#renamed(object, this);
    return this.#converter
      .convert([object], this.#storedVersion)
      .then(([made]) => storage.#coerceConverted({ ...made }));
  }

  prepareForCreate(object: KubeObject): void {
    if (this.#hasStatus) delete object['status'];
    object.metadata.generation = 1;
  }

  prepareForUpdate(object: KubeObject, old: KubeObject): void {
    prepareMetaForUpdate(object, old);
    if (this.#hasStatus) {
      if (old['status'] === undefined) delete object['status'];
      else object['status'] = old['status'];
    }
    if (!sameButMetadata(object, old)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }

  prepareForStatusUpdate(object: KubeObject, old: KubeObject): void {
    const { managedFields } = object.metadata;
    const { status } = object;
    for (const member of Object.keys(object)) delete object[member];
    Object.assign(object, copyJson(old));
    if (managedFields === undefined) delete object.metadata.managedFields;
    else object.metadata.managedFields = managedFields;
    if (status === undefined) delete object['status'];
    else object['status'] = status;
  }

  validateCreate(object: KubeObject): FieldError[] {
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

  validateUpdate(object: KubeObject, old: KubeObject, warn: Warn): FieldError[] {
    return this.#validateChange(object, old, warn, scaleFields);
  }

  validateStatusUpdate(object: KubeObject, old: KubeObject, warn: Warn): FieldError[] {
    return this.#validateChange(object, old, warn, scaleStatusFields);
  }

  /** @param scaled the fields of a scale that the change may concern */
  #validateChange(
    object: KubeObject,
    old: KubeObject,
    warn: Warn,
    scaled: readonly ScaleField[],
  ): FieldError[] {
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

  checkCreate(name: string): void {
    if (!isTrue(this.#definition, 'Terminating')) return;
    const { group, names } = this.#definition.spec;
    const text = 'create not allowed while custom resource definition is terminating';
    throw newForbidden({ group, resource: names.plural }, name, text);
  }

  fieldReader(label: string): ((object: KubeObject) => string) | undefined {
    const path = this.#fields.get(label);
    if (path === undefined) return undefined;
    return (object) => {
      // What takes time to convert is read as it is stored.
      const ready = this.#converter === undefined || object.apiVersion === this.#apiVersion;
      const value = path.read(ready || this.#converted.has(object) ? this.fromStored(object) : object);
      return value === undefined || value === null ? '' : String(value);
    };
  }

  get #hasStatus(): boolean {
    return this.#version.subresources?.status !== undefined;
  }

  #typeMetaErrors(object: KubeObject): FieldError[] {
    const errors: FieldError[] = [];
    const { kind } = this.#definition.spec.names;
    if (object.kind !== kind) {
      errors.push(invalid(FieldPath.root('kind'), object.kind, `must be ${kind}`));
    }
    if (object.apiVersion !== this.#apiVersion) {
      errors.push(invalid(FieldPath.root('apiVersion'), object.apiVersion, `must be ${this.#apiVersion}`));
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

/** All of them, each of which may have to be parsed. */
function* gathered<T>(all: Iterable<T>): Steps<T[]> {
  const some: T[] = [];
  for (const one of all) {
    some.push(one);
    yield;
  }
  return some;
}

function sameButMetadata(object: KubeObject, old: KubeObject): boolean {
  const { metadata: _, ...now } = object;
  const { metadata: __, ...before } = old;
  return deepEqual(now, before);
}
