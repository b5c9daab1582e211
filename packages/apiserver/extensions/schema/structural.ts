import { type FieldError, type FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import { patternFault } from './pattern.ts';
import { additionalSchema, type Schema } from './schema.ts';

type Level = 'root' | 'field' | 'items';

const typeRequired: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  items: 'must not be empty for specified array items',
};
/** What parts of combinations may not say, and how they are told so. */
const plainOnly: readonly (readonly [name: keyof Schema, text: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];
const junctors = ['allOf', 'anyOf', 'oneOf'] as const;

/** What keeps a schema from being structural, sorted as texts. */
export function validateStructural(schema: Schema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  checkInvariants(errors, schema, 'root', path);
  // Only of the root's combinations what they speak of must be there outside of them.
  checkPartsAreThere(errors, schema, schema, path, path);
  const texts = new Map(errors.map((error) => [error, Buffer.from(`${error.field}: ${error.message}`)]));
  return errors.sort((a, b) => Buffer.compare(texts.get(a) as Buffer, texts.get(b) as Buffer));
}

function checkInvariants(errors: FieldError[], schema: Schema, level: Level, path: FieldPath): void {
  const { type = '', items, properties = {}, additionalProperties } = schema;
  const embeds = schema['x-kubernetes-embedded-resource'] === true;
  if (type === 'array' && items === undefined) {
    errors.push(required(path.child('items'), 'must be specified'));
  }
  if (items !== undefined) checkInvariants(errors, items, 'items', path.child('items'));
  const below = path.child('properties');
  for (const [name, property] of Object.entries(properties)) {
    checkInvariants(errors, property, 'field', below.key(name));
  }
  if (additionalProperties !== undefined) {
    const at = path.child('additionalProperties');
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    const additional = additionalSchema(schema);
    if (additional !== undefined) checkInvariants(errors, additional, 'field', at);
    if (embeds) errors.push(forbidden(at, 'must not be used if x-kubernetes-embedded-resource is set'));
  }
  checkIntOrString(errors, schema, path);
  checkParts(errors, schema, path, intOrStringParts(schema));
  if (embeds && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    const at = path.child('type');
    errors.push(type === '' ? required(at, text) : invalid(at, type, text));
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  ) {
    errors.push(required(path.child('type'), typeRequired[level]));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(path.child('type'), type, 'must be object at the root'));
  }
  checkMetaFields(errors, schema, level, path);
  if (
    embeds &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true &&
    Object.keys(properties).length === 0
  ) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(path.child('properties'), text));
  }
}

function checkIntOrString(errors: FieldError[], schema: Schema, path: FieldPath): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
    if (schema[name] !== true) continue;
    errors.push(invalid(path.child(name), true, 'must be false if x-kubernetes-int-or-string is true'));
  }
}

/** Where a resource begins, its metadata is not the schema's to describe. */
function checkMetaFields(errors: FieldError[], schema: Schema, level: Level, path: FieldPath): void {
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  const at = (name: string): FieldPath => path.child('properties').key(name);
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  if (!isResource) return;
  for (const [name, property] of [
    ['kind', kind],
    ['apiVersion', apiVersion],
  ] as const) {
    if (property !== undefined && property.type !== 'string') {
      errors.push(invalid(at(name).child('type'), property.type ?? '', 'must be string'));
    }
  }
  if (metadata === undefined) return;
  if (metadata.type !== 'object') {
    errors.push(invalid(at('metadata').child('type'), metadata.type ?? '', 'must be object'));
  }
  if (level !== 'root') return;
  const { type: _, default: __, properties, ...more } = metadata;
  const others = Object.keys(properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  if (others.length > 0 || Object.values(more).some((value) => value !== undefined)) {
    const text =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(at('metadata'), text));
  }
}

type Skipped = 'none' | 'anyOf' | 'allOf';

/** The two ways to say what x-kubernetes-int-or-string means, in which types may be named. */
function intOrStringParts(schema: Schema): Skipped {
  const isPattern = (anyOf: readonly Schema[] | undefined): boolean =>
    anyOf?.length === 2 &&
    anyOf.every((one) => Object.keys(one).length === 1) &&
    anyOf[0]?.type === 'integer' &&
    anyOf[1]?.type === 'string';
  if (isPattern(schema.anyOf)) return 'anyOf';
  return isPattern(schema.allOf?.[0]?.anyOf) ? 'allOf' : 'none';
}

function checkParts(errors: FieldError[], schema: Schema, path: FieldPath, skipped: Skipped): void {
  for (const junctor of junctors) {
    if (junctor === 'anyOf' && skipped === 'anyOf') continue;
    schema[junctor]?.forEach((part, i) => {
      const skip = junctor === 'allOf' && i === 0 && skipped === 'allOf' ? 'anyOf' : 'none';
      checkPart(errors, part, path.child(junctor).index(i), skip);
    });
  }
  if (schema.not !== undefined) checkPart(errors, schema.not, path.child('not'), 'none');
  const { pattern = '' } = schema;
  const fault = pattern === '' ? undefined : patternFault(pattern);
  if (fault !== undefined) {
    const text = `must be a valid regular expression, but isn't: ${fault}`;
    errors.push(invalid(path.child('pattern'), pattern, text));
  }
}

/** Parts of combinations may only narrow what the schema says outside of them. */
function checkPart(errors: FieldError[], part: Schema, path: FieldPath, skipped: Skipped): void {
  checkParts(errors, part, path, skipped);
  if (part.items !== undefined) checkPart(errors, part.items, path.child('items'), 'none');
  for (const [name, property] of Object.entries(part.properties ?? {})) {
    checkPart(errors, property, path.child('properties').key(name), 'none');
  }
  for (const [name, text] of plainOnly) {
    const value = part[name];
    const isEmpty =
      value === undefined || value === '' || (value === false && name !== 'additionalProperties');
    if (isEmpty || (Array.isArray(value) && value.length === 0)) continue;
    errors.push(forbidden(path.child(name), text));
  }
  if (part.properties?.['metadata'] !== undefined) {
    const at = path.child('properties').key('metadata');
    errors.push(forbidden(at, 'must not be specified in a nested context'));
  }
}

function checkPartsAreThere(
  errors: FieldError[],
  parts: Schema,
  schema: Schema,
  path: FieldPath,
  partPath: FieldPath,
): void {
  for (const junctor of junctors) {
    parts[junctor]?.forEach((part, i) => {
      checkPartIsThere(errors, part, schema, path, partPath.child(junctor).index(i));
    });
  }
  if (parts.not !== undefined) checkPartIsThere(errors, parts.not, schema, path, partPath.child('not'));
}

function checkPartIsThere(
  errors: FieldError[],
  part: Schema,
  schema: Schema | undefined,
  path: FieldPath,
  partPath: FieldPath,
): void {
  if (schema === undefined) {
    errors.push(required(path, `because it is defined in ${partPath}`));
    return;
  }
  checkPartsAreThere(errors, part, schema, path, partPath);
  if (part.items !== undefined) {
    checkPartIsThere(errors, part.items, schema.items, path.child('items'), partPath.child('items'));
  }
  for (const [name, property] of Object.entries(part.properties ?? {})) {
    const at = path.child('properties').key(name);
    const partAt = partPath.child('properties').key(name);
    checkPartIsThere(errors, property, schema.properties?.[name], at, partAt);
  }
}
