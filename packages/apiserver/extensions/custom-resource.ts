import { createHash } from 'node:crypto';
import { DecodeError, decodeValue, findType, prepareMetaForUpdate } from '@coxswain/api';
import {
  copyJson,
  deepEqual,
  type FieldError,
  finish,
  inTurns,
  type KubeObject,
  newForbidden,
  parseApiVersion,
  type Steps,
  writeJson,
} from '@coxswain/machinery';
import type { CoercedObject, CustomBehaviour } from '../registry/body/custom.ts';
import { tableForCustomResource } from '../registry/tables/custom-resource.ts';
import type { Table } from '../registry/tables/table.ts';
import { byName } from '../storage/member-order.ts';
import { CustomValidator, type RuleCheck, type Warn } from './custom-validator.ts';
import {
  type Definition,
  type DefinitionVersion,
  isTrue,
  schemaOf,
  shownVerbs,
  storageVersion,
} from './definition.ts';
import { deprecationOf } from './deprecation.ts';
import { coerceEmbedded } from './schema/coerce-embedded.ts';
import { applySchemaDefaults, pruneNulls } from './schema/defaulting.ts';
import { prune } from './schema/prune.ts';
import { publishedSchema, publishedSwagger } from './schema/published.ts';
import type { Members, Schema } from './schema/schema.ts';
import { SimplePath } from './simple-path.ts';
import type { Converter } from './webhook/converter.ts';

interface Coercion {
  /** Drops what does not have its type of the resources in an object, which are refused else. */
  readonly repairs: boolean;
  /** Drops nulls that the schema does not allow. */
  readonly prunesNulls: boolean;
  readonly defaults: boolean;
}

const asStored: Coercion = { repairs: true, prunesNulls: true, defaults: true };

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** One version of a definition as it was established. */
export class CustomResource implements CustomBehaviour {
  readonly deprecation: string;
  readonly #definition: Definition;
  readonly #version: DefinitionVersion;
  readonly #schema: Schema;
  readonly #apiVersion: string;
  readonly #storedVersion: string;
  readonly #validator: CustomValidator;
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
    this.#validator = new CustomValidator(definition, version, this.#schema, rules);
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
      const said = writeJson([this.#apiVersion, names, scope, this.#version, this.#schema]);
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
    return this.#validator.create(object);
  }

  validateUpdate(object: KubeObject, old: KubeObject, warn: Warn): FieldError[] {
    return this.#validator.update(object, old, warn);
  }

  validateStatusUpdate(object: KubeObject, old: KubeObject, warn: Warn): FieldError[] {
    return this.#validator.statusUpdate(object, old, warn);
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
