import { deepEqual } from '@coxswain/machinery';
import { identityOf } from './identity.ts';
import { isMembers, type Members, memberSchema, type Schema } from './schema.ts';

/** A value before the update, where one is known that this one came from, with the schema that tells so. */
export interface Correlated {
  readonly value: unknown;
  readonly schema: Schema;
}

/** What a member was before; undefined where it was not there, or the schema says nothing of it. */
export function correlatedMember(old: Correlated | undefined, name: string): Correlated | undefined {
  if (old === undefined || !isMembers(old.value) || !Object.hasOwn(old.value, name)) return undefined;
  const schema = memberSchema(old.schema, name);
  return schema === undefined ? undefined : { value: old.value[name], schema };
}

/** What an item was before: those of lists with keys are known again by their keys, others are not. */
export function correlatedItem(old: Correlated | undefined, item: unknown): Correlated | undefined {
  if (old?.schema.items === undefined) return undefined;
  const found = itemBefore(old.value, old.schema, item);
  return found === undefined ? undefined : { value: found, schema: old.schema.items };
}

/** The item of an older list that has the same keys. */
export function itemBefore(before: unknown, list: Schema, item: unknown): Members | undefined {
  if (!Array.isArray(before) || list['x-kubernetes-list-type'] !== 'map' || !isMembers(item))
    return undefined;
  const keys = list['x-kubernetes-list-map-keys'] ?? [];
  return itemsByKeys(before, keys).get(keysOf(item, keys));
}

interface ItemsByKeys {
  readonly keys: readonly string[];
  readonly items: ReadonlyMap<string, Members>;
}

/** Of older lists, which nobody changes: each of their items is looked for in an update. */
const known = new WeakMap<readonly unknown[], ItemsByKeys>();

function itemsByKeys(list: readonly unknown[], keys: readonly string[]): ReadonlyMap<string, Members> {
  const there = known.get(list);
  if (there?.keys === keys) return there.items;
  const items = new Map<string, Members>();
  for (const item of list) {
    if (!isMembers(item)) continue;
    const identity = keysOf(item, keys);
    if (!items.has(identity)) items.set(identity, item);
  }
  known.set(list, { keys, items });
  return items;
}

function keysOf(item: Members, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => identityOf(item[key])));
}

/**
 * Whether a value is what it was before. As upstream sees it, an object with members that its schema says nothing
 * of is another one each time, and lists with keys are the same in any order.
 */
export function isUnchanged(value: unknown, old: Correlated): boolean {
  const before = old.value;
  if (Array.isArray(value)) {
    if (!Array.isArray(before) || before.length !== value.length) return false;
    if (old.schema['x-kubernetes-list-type'] !== 'map') return deepEqual(value, before);
    return value.every((item) => {
      const known = correlatedItem(old, item);
      return known !== undefined && isUnchanged(item, known);
    });
  }
  if (!isMembers(value)) return deepEqual(value, before);
  if (!isMembers(before)) return false;
  const names = Object.keys(value);
  if (names.length !== Object.keys(before).length) return false;
  return names.every((name) => {
    const known = correlatedMember(old, name);
    return known !== undefined && isUnchanged(value[name], known);
  });
}
