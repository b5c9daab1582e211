import { deepEqual, duplicate, type FieldError, FieldPath } from '@coxswain/machinery';
import { additionalSchema, isMembers, type Members, type Schema } from './schema.ts';

/** An error at no field at all. */
const nowhere = FieldPath.root('');

/** Checks that items of sets and lists with keys are unique. */
export function validateListTypes(value: unknown, schema: Schema, path: FieldPath | undefined): FieldError[] {
  const errors: FieldError[] = [];
  checkLists(value, schema, path, errors);
  return errors;
}

function checkLists(
  value: unknown,
  schema: Schema | undefined,
  path: FieldPath | undefined,
  errors: FieldError[],
): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    const at = path ?? nowhere;
    checkUnique(value, schema, at, errors);
    value.forEach((item, i) => {
      checkLists(item, schema.items, at.index(i), errors);
    });
  } else if (isMembers(value)) {
    const additional = additionalSchema(schema);
    for (const [name, member] of Object.entries(value)) {
      const declared = schema.properties?.[name];
      const at = path === undefined ? FieldPath.root(name) : path.child(name);
      if (declared !== undefined) checkLists(member, declared, at, errors);
      else if (additional !== undefined) {
        checkLists(member, additional, path === undefined ? at : path.key(name), errors);
      }
    }
  }
}

function checkUnique(list: readonly unknown[], schema: Schema, path: FieldPath, errors: FieldError[]): void {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return;
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  const seen: unknown[] = [];
  const told: unknown[] = [];
  list.forEach((item, i) => {
    const identity = type === 'set' ? item : keyOf(item, keys, schema.items);
    if (!seen.some((other) => deepEqual(other, identity))) {
      seen.push(identity);
    } else if (!told.some((other) => deepEqual(other, identity))) {
      told.push(identity);
      errors.push(duplicate(path.index(i), identity));
    }
  });
}

function keyOf(item: unknown, keys: readonly string[], schema: Schema | undefined): unknown {
  if (!isMembers(item)) return item;
  const out: Members = {};
  for (const key of keys) {
    const value = item[key] ?? schema?.properties?.[key]?.default;
    if (value !== undefined) out[key] = value;
  }
  return out;
}
