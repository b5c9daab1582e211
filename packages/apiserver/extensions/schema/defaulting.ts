import { copyJson } from '@coxswain/machinery';
import { isMembers, memberSchema, type Schema } from './schema.ts';

/** Fills in a structural schema's defaults, in place; null counts as absent where it may not be. */
export function applySchemaDefaults(value: unknown, schema: Schema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, i) => {
      if (item === null && items?.default !== undefined && items.nullable !== true) {
        value[i] = copyJson(items.default);
      }
      applySchemaDefaults(value[i], items);
    });
    return;
  }
  if (!isMembers(value)) return;
  for (const [name, member] of defaultedOf(schema)) {
    const there = value[name];
    if (there === undefined || (there === null && member.nullable !== true)) {
      value[name] = copyJson(member.default);
    }
  }
  for (const name of Object.keys(value)) applySchemaDefaults(value[name], memberSchema(schema, name));
}

const defaulted = new WeakMap<Schema, readonly (readonly [name: string, member: Schema])[]>();

/** The properties of a schema that have defaults: most schemas have few, and are asked for every object of theirs. */
function defaultedOf(schema: Schema): readonly (readonly [name: string, member: Schema])[] {
  let known = defaulted.get(schema);
  if (known === undefined) {
    known = Object.entries(schema.properties ?? {}).filter(([, member]) => member.default !== undefined);
    defaulted.set(schema, known);
  }
  return known;
}

/** Removes nulls where the schema allows none, in place: they are as good as absent. */
export function pruneNulls(value: unknown, schema: Schema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, schema.items);
    return;
  }
  if (!isMembers(value)) return;
  for (const name of Object.keys(value)) {
    const member = memberSchema(schema, name);
    if (member === undefined) continue;
    if (value[name] === null) {
      if (member.nullable !== true && member.default === undefined) delete value[name];
    } else pruneNulls(value[name], member);
  }
}
