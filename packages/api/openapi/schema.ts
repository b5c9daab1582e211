import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';
import { findType } from '../type-facts.ts';

/** A schema of OpenAPI, as JSON. */
export type Schema = Record<string, any>;

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const extensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Definitions of one JSON value: what stands behind them in OpenAPI v3. */
const scalarSchemas: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object' },
  [`${meta}.Time`]: { type: 'string', format: 'date-time' },
  [`${meta}.MicroTime`]: { type: 'string', format: 'date-time' },
  [`${meta}.FieldsV1`]: { type: 'object' },
  [`${meta}.Patch`]: { type: 'object' },
  [`${extensions}.JSON`]: {},
  [`${extensions}.JSONSchemaPropsOrArray`]: {},
  [`${extensions}.JSONSchemaPropsOrBool`]: {},
  [`${extensions}.JSONSchemaPropsOrStringArray`]: {},
};

/** Definition of a scalar value, by its kind or, for any JSON, by its Go type. */
const scalarNames: Readonly<Record<string, string>> = {
  time: `${meta}.Time`,
  microtime: `${meta}.MicroTime`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'runtime.RawExtension': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'v1.FieldsV1': `${meta}.FieldsV1`,
  'v1.JSON': `${extensions}.JSON`,
  'v1.JSONSchemaPropsOrArray': `${extensions}.JSONSchemaPropsOrArray`,
  'v1.JSONSchemaPropsOrBool': `${extensions}.JSONSchemaPropsOrBool`,
  'v1.JSONSchemaPropsOrStringArray': `${extensions}.JSONSchemaPropsOrStringArray`,
};

export const refTo = (definition: string): Schema => ({ $ref: `#/components/schemas/${definition}` });

/** The definition that a value refers to; undefined where its schema is written in place. */
function definitionOf(value: ValueFact, goType: string): string | undefined {
  if (value.kind === 'object') return value.type.name;
  if (value.kind !== 'any') return scalarNames[value.kind];
  return scalarNames[goType.replace(/^(?:\[\]|map\[\w*\])*\*?/, '')];
}

function valueSchema(value: ValueFact, goType: string): Schema {
  switch (value.kind) {
    case 'string':
    case 'duration':
      return { type: 'string' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: value.kind };
    case 'float64':
      return { type: 'number', format: 'double' };
    case 'array':
      return { type: 'array', items: elementSchema(value.items, goType) };
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(value.values, goType) };
    default:
      return {};
  }
}

function elementSchema(value: ValueFact, goType: string): Schema {
  const definition = definitionOf(value, goType);
  return definition === undefined ? valueSchema(value, goType) : refTo(definition);
}

function fieldSchema(field: FieldFact, isListItems: boolean): Schema {
  const definition = definitionOf(field.value, field.goType);
  const schema: Schema =
    definition === undefined ? valueSchema(field.value, field.goType) : { allOf: [refTo(definition)] };
  if (field.default !== undefined) schema['default'] = field.default;
  if (field.enum !== undefined) (schema['items'] ?? schema)['enum'] = field.enum;
  if (field.value.kind === 'array' && !isListItems) addListExtensions(schema, field);
  if (field.atomic && field.value.kind === 'map') schema['x-kubernetes-map-type'] = 'atomic';
  if (field.patchStrategy.length > 0) schema['x-kubernetes-patch-strategy'] = field.patchStrategy.join(',');
  if (field.patchMergeKey !== '') schema['x-kubernetes-patch-merge-key'] = field.patchMergeKey;
  return schema;
}

function addListExtensions(schema: Schema, field: FieldFact): void {
  schema['x-kubernetes-list-type'] = field.listType;
  if (field.mapKeys.length > 0) schema['x-kubernetes-list-map-keys'] = field.mapKeys;
}

/** The schema of an object type without its prose. */
function typeSchema(type: TypeFact): Schema {
  const schema: Schema = { type: 'object' };
  if (type.ordered.length > 0) {
    const isList = type.goName.endsWith('List');
    const entries = type.ordered.map((f) => [f.name, fieldSchema(f, isList && f.name === 'items')]);
    schema['properties'] = Object.fromEntries(entries);
  }
  const required = type.ordered.filter((f) => f.required).map((f) => f.name);
  if (required.length > 0) schema['required'] = required;
  if (type.atomic) schema['x-kubernetes-map-type'] = 'atomic';
  return schema;
}

/** The schema of any definition as the rules make it; undefined when there is none of that name. */
export function ruledSchema(definition: string): Schema | undefined {
  const scalar = scalarSchemas[definition];
  if (scalar !== undefined) return structuredClone(scalar);
  const type = findType(definition);
  return type === undefined ? undefined : typeSchema(type);
}

/** Every definition that a schema or path refers to. */
export function referencesIn(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return into;
  for (const [key, member] of Object.entries(value)) {
    if (key === '$ref' && typeof member === 'string') into.add(member.slice(member.lastIndexOf('/') + 1));
    else referencesIn(member, into);
  }
  return into;
}
