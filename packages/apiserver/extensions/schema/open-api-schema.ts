import {
  type FieldError,
  type FieldPath,
  forbidden,
  type Int64,
  invalid,
  notSupported,
  required,
} from '@coxswain/machinery';
import { ruleTextErrors } from './rule-texts.ts';
import { additionalSchema, isLeaf, type Schema } from './schema.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);
/** Fields of JSON schemas that definitions cannot have. */
export const unsupported = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
] as const;

/** A place in a schema with what is known of the places above it. */
export interface Place {
  readonly schema: Schema;
  readonly path: FieldPath;
  readonly isRoot: boolean;
  /** Why there may be no default; '' where there may. */
  readonly noDefault: string;
  readonly insideMeta: boolean;
  /** Part of a combination: rules are not looked at. */
  readonly isPart: boolean;
  /** The nearest schema above whose values cannot be found again in an older object. */
  readonly uncorrelated: FieldPath | undefined;
  /** How often the values may be there, as far as limits say so. */
  readonly cardinality: number | undefined;
}

/**
 * Looks at all places of a schema, those below first.
 * @param visitRules called for places with rules, below which and at which nothing is wrong
 */
export function validateOpenApiSchema(
  schema: Schema,
  path: FieldPath,
  visitRules: (place: Place) => void,
): FieldError[] {
  const errors: FieldError[] = [];
  const root: Place = {
    schema,
    path,
    isRoot: true,
    noDefault: '',
    insideMeta: false,
    isPart: false,
    uncorrelated: undefined,
    cardinality: 1,
  };
  checkPlace(errors, root, visitRules);
  return errors;
}

function checkPlace(errors: FieldError[], place: Place, visitRules: (place: Place) => void): void {
  const { schema, path } = place;
  const before = errors.length;
  checkStandard(errors, place);
  if (schema.uniqueItems === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(path.child('uniqueItems'), text));
  }
  checkAdditional(errors, place);
  for (const child of childrenOf(place)) checkPlace(errors, child, visitRules);
  checkExtensions(errors, schema, path);
  checkList(errors, schema, path);
  const rules = schema['x-kubernetes-validations'] ?? [];
  rules.forEach((rule, i) => {
    errors.push(...ruleTextErrors(rule, schema, path.child('x-kubernetes-validations').index(i)));
  });
  if (rules.length > 0 && !place.isPart && errors.length === before) visitRules(place);
}

function checkStandard(errors: FieldError[], { schema, path, noDefault, insideMeta }: Place): void {
  const { type = '' } = schema;
  if (type !== '' && !types.includes(type)) errors.push(notSupported(path.child('type'), type, types));
  if (schema.default !== undefined && noDefault !== '') {
    errors.push(forbidden(path.child('default'), `must not be set ${noDefault}`));
  }
  for (const name of unsupported) {
    if ((schema as Record<string, unknown>)[name] === undefined) continue;
    errors.push(forbidden(path.child(name), `${name} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema.items)) {
    errors.push(forbidden(path.child('items'), 'items must be a schema object and not an array'));
  }
  if (insideMeta && schema['x-kubernetes-embedded-resource'] === true) {
    const at = path.child('x-kubernetes-embedded-resource');
    errors.push(forbidden(at, 'must not be used inside of resource meta'));
  }
}

function checkAdditional(errors: FieldError[], { schema, path }: Place): void {
  const { additionalProperties: additional, properties = {} } = schema;
  if (additional === undefined || additional === true || Object.keys(properties).length === 0) return;
  const text = 'additionalProperties and properties are mutual exclusive';
  errors.push(forbidden(path.child('additionalProperties'), text));
}

const none: readonly Place[] = [];

function childrenOf(place: Place): readonly Place[] {
  const { schema, path, insideMeta, isPart } = place;
  if (isLeaf(schema)) return none;
  const factor = maxElements(schema);
  const cardinality =
    place.cardinality === undefined || factor === undefined ? undefined : place.cardinality * factor;
  const below = { ...place, isRoot: false, cardinality };
  const children: Place[] = [];
  const additional = additionalSchema(schema);
  if (additional !== undefined) {
    const noDefault = insideMeta
      ? 'inside additionalProperties applying to object metadata'
      : place.noDefault;
    children.push({ ...below, schema: additional, path: path.child('additionalProperties'), noDefault });
  }
  const isResource = place.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  const properties = path.child('properties');
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = isResource && metaFields.has(name);
    children.push({
      ...below,
      schema: property,
      path: properties.key(name),
      insideMeta: insideMeta || isMeta,
      noDefault: isMeta && place.isRoot ? `in top-level ${name}` : place.noDefault,
    });
  }
  const part = { ...below, isPart: true };
  if (schema.not !== undefined) children.push({ ...part, schema: schema.not, path: path.child('not') });
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    schema[junctor]?.forEach((one, i) => {
      children.push({ ...part, schema: one, path: path.child(junctor).index(i) });
    });
  }
  if (schema.items !== undefined && !Array.isArray(schema.items)) {
    const isMap = schema['x-kubernetes-list-type'] === 'map';
    children.push({
      ...below,
      isPart,
      schema: schema.items,
      path: path.child('items'),
      uncorrelated: isMap ? place.uncorrelated : (place.uncorrelated ?? path),
    });
  }
  return children;
}

/** How many values a schema may hold of those below it; undefined where nothing limits them. */
function maxElements(schema: Schema): number | undefined {
  const { type, additionalProperties, maxProperties, maxItems } = schema;
  const limit = (value: Int64 | undefined): number | undefined =>
    value === undefined ? undefined : Math.max(Number(value), 0);
  if (type === 'object') return additionalProperties === undefined ? 1 : limit(maxProperties);
  return type === 'array' ? limit(maxItems) : 1;
}

function checkExtensions(errors: FieldError[], schema: Schema, path: FieldPath): void {
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  if (preserve === false) {
    const at = path.child('x-kubernetes-preserve-unknown-fields');
    errors.push(invalid(at, false, 'must be true or undefined'));
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return;
  if (schema.type !== 'object') {
    const text = 'must be object if x-kubernetes-map-type is specified';
    const at = path.child('type');
    errors.push((schema.type ?? '') === '' ? required(at, text) : invalid(at, schema.type, text));
  }
  const mapTypes = ['atomic', 'granular'];
  if (!mapTypes.includes(mapType)) {
    errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, mapTypes));
  }
}

function checkList(errors: FieldError[], schema: Schema, path: FieldPath): void {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const { items } = schema;
  const typePath = path.child('x-kubernetes-list-type');
  if (type !== undefined && schema.type !== 'array') {
    const text = 'must be array if x-kubernetes-list-type is specified';
    const at = path.child('type');
    errors.push((schema.type ?? '') === '' ? required(at, text) : invalid(at, schema.type, text));
  } else if (type === 'set' && items !== undefined) checkSetItems(errors, items, path.child('items'));
  const listTypes = ['atomic', 'set', 'map'];
  if (type !== undefined && !listTypes.includes(type)) errors.push(notSupported(typePath, type, listTypes));
  if (keys.length > 0 && type !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(type === undefined ? required(typePath, text) : invalid(typePath, type, text));
  }
  if (type === 'map') checkListMap(errors, schema, keys, path);
  if (type === undefined || type === 'atomic' || items === undefined) return;
  if (items.nullable === true && listTypes.includes(type)) {
    const at = path.child('items').child('nullable');
    errors.push(forbidden(at, `cannot be nullable when x-kubernetes-list-type is ${type}`));
  }
  if (type === 'map') checkKeys(errors, items, keys, path.child('items').child('properties'));
}

function checkSetItems(errors: FieldError[], items: Schema, path: FieldPath): void {
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    errors.push(invalid(path.child('x-kubernetes-list-type'), listType, text));
  } else if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    // Upstream shows the list type here.
    errors.push(invalid(path.child('x-kubernetes-map-type'), listType ?? null, text));
  }
}

function checkListMap(errors: FieldError[], schema: Schema, keys: readonly string[], path: FieldPath): void {
  const keysPath = path.child('x-kubernetes-list-map-keys');
  const { items } = schema;
  if (keys.length === 0) {
    errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const itemsPath = path.child('items');
  if (items === undefined) {
    errors.push(required(itemsPath, 'must have a schema if x-kubernetes-list-type is map'));
    return;
  }
  if (items.type !== 'object') {
    const text = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(itemsPath.child('type'), items.type ?? '', text));
    return;
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = items.properties?.[key];
    if (property === undefined) {
      errors.push(invalid(keysPath, keys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const text = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(itemsPath.child('properties').key(key).child('type'), items.type, text));
    }
    if (seen.has(key)) errors.push(invalid(keysPath, keys, 'must not contain duplicate entries'));
    seen.add(key);
  }
}

function checkKeys(errors: FieldError[], items: Schema, keys: readonly string[], path: FieldPath): void {
  for (const key of keys) {
    const property = items.properties?.[key];
    if (property === undefined) continue;
    if (property.default === undefined && !(items.required ?? []).includes(key)) {
      const text =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(path.key(key).child('default'), text));
    }
    if (property.nullable === true) {
      const text = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(path.key(key).child('nullable'), text));
    }
  }
}
