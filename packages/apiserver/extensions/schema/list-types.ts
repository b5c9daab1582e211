import { duplicate, type FieldError, FieldPath } from '@coxswain/machinery';
import { identityOf } from './identity.ts';
import { additionalSchema, isMembers, type Members, type Schema, someBelow } from './schema.ts';

/** An error at no field at all. */
const nowhere = FieldPath.root('');

/** Checks that items of sets and lists with keys are unique. */
export function validateListTypes(value: unknown, schema: Schema, path: FieldPath | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (mayHaveUnique(schema)) checkLists(value, schema, path, errors);
  return errors;
}

const unique = new WeakMap<Schema, boolean>();

/** Whether items of a list must be unique anywhere: in most schemas there are none, and nothing to be walked. */
function mayHaveUnique(schema: Schema): boolean {
  let known = unique.get(schema);
  if (known === undefined) {
    known = isUnique(schema) || someBelow(schema, mayHaveUnique);
    unique.set(schema, known);
  }
  return known;
}

function isUnique(schema: Schema): boolean {
  const type = schema['x-kubernetes-list-type'];
  return type === 'set' || type === 'map';
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
  if (!isUnique(schema)) return;
  const isSet = schema['x-kubernetes-list-type'] === 'set';
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  const seen = new Set<string>();
  const told = new Set<string>();
  list.forEach((item, i) => {
    const value = isSet ? item : keyOf(item, keys, schema.items);
    const identity = identityOf(value);
    if (seen.has(identity) && !told.has(identity)) {
      told.add(identity);
      errors.push(duplicate(path.index(i), value));
    }
    seen.add(identity);
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
