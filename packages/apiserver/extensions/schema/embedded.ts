import { pathSegmentName, validateObjectMeta } from '@coxswain/api';
import { type FieldError, type FieldPath, invalid, isDNS1035Label, required } from '@coxswain/machinery';
import { isMembers, type Members, memberSchema, type Schema } from './schema.ts';

const embedding = new WeakMap<Schema, boolean>();

/** Whether there is an embedded resource anywhere below: most schemas have none, and need no walk. */
function mayEmbed(schema: Schema): boolean {
  let known = embedding.get(schema);
  if (known === undefined) {
    const { items, additionalProperties: more, properties } = schema;
    known = false;
    for (const name in properties) known ||= isOrEmbeds(properties[name] as Schema);
    known ||= (items !== undefined && isOrEmbeds(items)) || (typeof more === 'object' && isOrEmbeds(more));
    embedding.set(schema, known);
  }
  return known;
}

/** Whether an object of a schema, or anything in it, is a resource of its own. */
export function isOrEmbeds(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true || mayEmbed(schema);
}

/**
 * Checks that the resources in a value say what they are and have metadata as all resources have; the value itself
 * too, where its schema says that it is one.
 */
export function validateEmbedded(value: unknown, schema: Schema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  validateBelow(errors, value, schema, path);
  return errors;
}

function validateBelow(
  errors: FieldError[],
  value: unknown,
  schema: Schema | undefined,
  path: FieldPath,
): void {
  if (schema === undefined || !isOrEmbeds(schema)) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      validateBelow(errors, item, schema.items, path.index(i));
    });
    return;
  }
  if (!isMembers(value)) return;
  if (schema['x-kubernetes-embedded-resource'] === true) validateResource(errors, value, path);
  for (const name of Object.keys(value)) {
    const isDeclared = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    validateBelow(
      errors,
      value[name],
      memberSchema(schema, name),
      isDeclared ? path.child(name) : path.key(name),
    );
  }
}

function validateResource(errors: FieldError[], value: Members, path: FieldPath): void {
  const { metadata } = value;
  const check = (member: 'apiVersion' | 'kind', fault: (text: string) => string | undefined): void => {
    const at = path.child(member);
    const text = value[member];
    if (text === undefined) errors.push(required(at));
    else if (text === '') errors.push(invalid(at, text, 'must not be empty'));
    else if (typeof text !== 'string') errors.push(invalid(at, text, 'must be a string'));
    else {
      const found = fault(text);
      if (found !== undefined) errors.push(invalid(at, text, found));
    }
  };
  check('apiVersion', (text) =>
    text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined,
  );
  check('kind', (text) => {
    const faults = isDNS1035Label(text.toLowerCase());
    return faults.length === 0
      ? undefined
      : `may have mixed case, but should otherwise match: ${faults.join(',')}`;
  });
  if (!isMembers(metadata)) return;
  // A part of an object needs no name.
  const named = (metadata['name'] ?? '') === '' ? { ...metadata, name: 'unnamed' } : metadata;
  const found: FieldError[] = [];
  validateObjectMeta(found, named, {
    namespaced: (metadata['namespace'] ?? '') !== '',
    standardFinalizers: false,
    name: pathSegmentName,
  });
  for (const error of found) errors.push({ ...error, field: path.child(error.field).toString() });
}
