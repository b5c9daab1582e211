import { decodeValue, findType } from '@coxswain/api';
import { isMembers, memberSchema, type Schema } from './schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Reads the metadata of embedded resources as metadata, in place: what it does not have is dropped. */
export function coerceEmbedded(value: unknown, schema: Schema | undefined): void {
  if (schema === undefined || !mayEmbed(schema)) return;
  if (Array.isArray(value)) {
    for (const item of value) coerceValue(item, schema.items);
  } else if (isMembers(value)) {
    for (const name of Object.keys(value)) coerceValue(value[name], memberSchema(schema, name));
  }
}

function coerceValue(value: unknown, schema: Schema | undefined): void {
  if (schema?.['x-kubernetes-embedded-resource'] === true && isMembers(value)) {
    const type = findType(objectMeta);
    if (type !== undefined && isMembers(value['metadata'])) {
      value['metadata'] = decodeValue(value['metadata'], type, { strict: false }).object;
    }
  }
  coerceEmbedded(value, schema);
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
