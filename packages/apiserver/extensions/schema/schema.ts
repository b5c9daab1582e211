import type { Int64 } from '@coxswain/machinery';

/** apiextensions/v1 JSONSchemaProps, as far as structural schemas have it. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly externalDocs?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: Int64;
  readonly maxLength?: Int64;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: Int64;
  readonly maxItems?: Int64;
  readonly uniqueItems?: boolean;
  readonly minProperties?: Int64;
  readonly maxProperties?: Int64;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** apiextensions/v1 ValidationRule. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

export type Members = Record<string, unknown>;

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema of members that are not declared; undefined where any value or none is allowed. */
export function additionalSchema(schema: Schema): Schema | undefined {
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** The schema of a member; undefined where the schema says nothing of it. */
export function memberSchema(schema: Schema, name: string): Schema | undefined {
  const { properties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return additionalSchema(schema);
}

/** Whether a test holds for one of the schemas right below, which are looked at in the order in which upstream walks them. */
export function someBelow(schema: Schema, test: (below: Schema) => boolean): boolean {
  const { items, allOf, anyOf, oneOf, not, properties, additionalProperties: more } = schema;
  if (items !== undefined && test(items)) return true;
  if (allOf?.some(test) || anyOf?.some(test) || oneOf?.some(test)) return true;
  if (not !== undefined && test(not)) return true;
  for (const name in properties) {
    if (test(properties[name] as Schema)) return true;
  }
  return typeof more === 'object' && test(more);
}

/** Whether there are other schemas below one. */
export function isLeaf(schema: Schema): boolean {
  return !someBelow(schema, () => true);
}

/** A schema as it is stored, without the items that are null, which say nothing. */
export function readSchema(stored: Schema): Schema {
  return hasNullItems(stored) ? withoutNullItems(stored) : stored;
}

function hasNullItems(schema: Schema): boolean {
  return schema.items === null || someBelow(schema, hasNullItems);
}

function withoutNullItems(schema: Schema): Schema {
  const { items, ...rest } = schema;
  return mapSchema(items === null ? rest : schema, withoutNullItems);
}

/** A schema with other schemas right below it. */
export function mapSchema(schema: Schema, change: (below: Schema) => Schema): Schema {
  const { items, not, properties, additionalProperties: more } = schema;
  const { allOf, anyOf, oneOf } = schema;
  return {
    ...schema,
    ...(items === undefined ? {} : { items: change(items) }),
    ...(allOf === undefined ? {} : { allOf: allOf.map(change) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(change) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(change) }),
    ...(not === undefined ? {} : { not: change(not) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, change(v)])) }),
    ...(typeof more === 'object' ? { additionalProperties: change(more) } : {}),
  };
}

/** Whether a schema says anywhere what is filled in. */
export function hasDefaults(schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  return schema.default !== undefined || someBelow(schema, hasDefaults);
}
