import { decodeValue, findType } from '@coxswain/api';
import { isMembers, memberSchema, type Schema } from './schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * Reads the metadata of embedded resources as metadata, in place: what it does not have is dropped.
 * @returns `unknown field "spec.template.metadata.x"`
 */
export function coerceEmbedded(value: unknown, schema: Schema | undefined): string[] {
  const unknown: string[] = [];
  coerceBelow(value, schema, '', unknown);
  return unknown;
}

function coerceBelow(value: unknown, schema: Schema | undefined, path: string, unknown: string[]): void {
  if (schema === undefined || !mayEmbed(schema)) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      coerceValue(item, schema.items, `${path}[${i}]`, unknown);
    });
  } else if (isMembers(value)) {
    for (const name of Object.keys(value)) {
      coerceValue(value[name], memberSchema(schema, name), path === '' ? name : `${path}.${name}`, unknown);
    }
  }
}

function coerceValue(value: unknown, schema: Schema | undefined, path: string, unknown: string[]): void {
  if (schema?.['x-kubernetes-embedded-resource'] === true && isMembers(value)) {
    const type = findType(objectMeta);
    if (type !== undefined && isMembers(value['metadata'])) {
      const { object, strictErrors } = decodeValue(value['metadata'], type, { strict: true });
      value['metadata'] = object;
      for (const text of strictErrors) unknown.push(text.replace('field "', `field "${path}.metadata.`));
    }
  }
  coerceBelow(value, schema, path, unknown);
}

const embedding = new WeakMap<Schema, boolean>();

/** Whether there is an embedded resource anywhere below: most schemas have none, and need no walk. */
function mayEmbed(schema: Schema): boolean {
  let known = embedding.get(schema);
  if (known === undefined) {
    const { items, additionalProperties: more, properties } = schema;
    const below = [
      ...Object.values(properties ?? {}),
      ...(items === undefined ? [] : [items]),
      ...(typeof more === 'object' ? [more] : []),
    ];
    known = below.some((one) => one['x-kubernetes-embedded-resource'] === true || mayEmbed(one));
    embedding.set(schema, known);
  }
  return known;
}
