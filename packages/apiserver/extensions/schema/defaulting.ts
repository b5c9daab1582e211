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
  const { properties } = schema;
  for (const name in properties) {
    const member = properties[name] as Schema;
    if (member.default === undefined) continue;
    const there = value[name];
    if (there === undefined || (there === null && member.nullable !== true)) {
      value[name] = copyJson(member.default);
    }
  }
  for (const name of Object.keys(value)) applySchemaDefaults(value[name], memberSchema(schema, name));
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
