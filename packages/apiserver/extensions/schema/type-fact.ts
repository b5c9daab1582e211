import { findType } from '@coxswain/api';
import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';
import { additionalSchema, type Schema } from './schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const any: ValueFact = { kind: 'any' };
const text: ValueFact = { kind: 'string' };

/** The facts of the type that a schema declares, for the walkers that built-in types have: merge and apply. */
export function typeOfSchema(name: string, kind: string, schema: Schema): TypeFact {
  return resourceType(name, kind, schema);
}

function resourceType(name: string, goName: string, schema: Schema): TypeFact {
  const meta = findType(objectMeta);
  if (meta === undefined)
    throw new Error(`compiling the schema of "${name}": there are no facts of ObjectMeta`);
  return objectType(name, goName, schema, [
    fieldOf('apiVersion', text, {}, false),
    fieldOf('kind', text, {}, false),
    fieldOf('metadata', { kind: 'object', type: meta }, {}, false),
  ]);
}

function objectType(
  name: string,
  goName: string,
  schema: Schema,
  given: readonly FieldFact[] = [],
): TypeFact {
  const fields = new Map(given.map((field) => [field.name, field]));
  const required = new Set(schema.required ?? []);
  for (const [member, declared] of Object.entries(schema.properties ?? {})) {
    if (fields.has(member)) continue;
    fields.set(
      member,
      fieldOf(member, factOfValue(`${name}.${member}`, declared), declared, required.has(member)),
    );
  }
  return {
    name,
    goName,
    fields,
    byNumber: new Map(),
    ordered: [...fields.values()],
    message: '',
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
  };
}

function factOfValue(name: string, schema: Schema): ValueFact {
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'intOrString' };
  switch (schema.type) {
    case 'object':
      return objectValue(name, schema);
    case 'array':
      return {
        kind: 'array',
        items: schema.items === undefined ? any : factOfValue(`${name}.items`, schema.items),
      };
    case 'string':
      return text;
    case 'integer':
      return { kind: 'int64' };
    case 'number':
      return { kind: 'float64' };
    case 'boolean':
      return { kind: 'bool' };
    default:
      return any;
  }
}

function objectValue(name: string, schema: Schema): ValueFact {
  const goName = name.slice(name.lastIndexOf('.') + 1);
  if (schema['x-kubernetes-embedded-resource'] === true) {
    return { kind: 'object', type: resourceType(name, goName, schema) };
  }
  const additional = additionalSchema(schema);
  if (additional !== undefined) return { kind: 'map', values: factOfValue(`${name}.values`, additional) };
  if (schema.additionalProperties === true) return { kind: 'map', values: any };
  if (schema.properties === undefined && schema['x-kubernetes-preserve-unknown-fields'] === true) return any;
  return { kind: 'object', type: objectType(name, goName, schema) };
}

function fieldOf(name: string, value: ValueFact, schema: Schema, required: boolean): FieldFact {
  const listType = schema['x-kubernetes-list-type'];
  return {
    name,
    value,
    number: 0,
    required,
    ...(schema.default === undefined ? {} : { default: schema.default }),
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    mapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    patchStrategy: [],
    patchMergeKey: '',
    pointer: true,
    keepEmpty: false,
    omitZero: false,
    goType: '',
    within: [],
    embeddedIn: [],
  };
}
