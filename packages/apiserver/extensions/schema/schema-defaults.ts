import { copyJson, deepEqual, type FieldError, type FieldPath, invalid } from '@coxswain/machinery';
import { validateDefaultByRules } from '../rules.ts';
import { coerceEmbedded } from './coerce-embedded.ts';
import { validateEmbedded } from './embedded.ts';
import { prune } from './prune.ts';
import { mapSchema, type Schema } from './schema.ts';
import { validateValue } from './validate-value.ts';

/** Checks that the defaults of a schema are what it allows, with nothing in them that it does not know. */
export function validateDefaults(schema: Schema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  // The whole is a resource, too.
  check(errors, { ...schema, 'x-kubernetes-embedded-resource': true }, path, false);
  return errors;
}

const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

function check(errors: FieldError[], schema: Schema, path: FieldPath, insideMeta: boolean): void {
  const embeds = schema['x-kubernetes-embedded-resource'] === true;
  const inMeta = insideMeta && !embeds;
  if (schema.default !== undefined) checkDefault(errors, schema, path.child('default'), embeds, inMeta);
  // Below additionalProperties there are none.
  if (schema.items !== undefined) check(errors, schema.items, path.child('items'), inMeta);
  const { properties } = schema;
  if (properties === undefined) return;
  const below = path.child('properties');
  for (const name of Object.keys(properties)) {
    const meta = inMeta || (embeds && metaFields.has(name));
    check(errors, properties[name] as Schema, below.key(name), meta);
  }
}

function checkDefault(
  errors: FieldError[],
  schema: Schema,
  at: FieldPath,
  embeds: boolean,
  insideMeta: boolean,
): void {
  const value = copyJson(schema.default as never) as unknown;
  if (!insideMeta) {
    const pruned = copyJson(value as never) as unknown;
    prune(pruned, schema, embeds);
    if (!deepEqual(pruned, value)) errors.push(invalid(at, value, 'must not have unknown fields'));
    const { fault } = coerceEmbedded(value, schema, false, at);
    const embedded = fault === undefined ? validateEmbedded(value, schema, at) : [fault];
    if (embedded.length > 0) {
      errors.push(...embedded);
      return;
    }
  }
  const found = validateValue(value, withoutIntOrString(schema), '', undefined, at);
  errors.push(...(found.length > 0 ? found : validateDefaultByRules(value, schema, at)));
}

/** In defaults upstream takes values of any type where there may be two. */
function withoutIntOrString(schema: Schema): Schema {
  const { 'x-kubernetes-int-or-string': _, ...rest } = schema;
  return mapSchema(rest, withoutIntOrString);
}
