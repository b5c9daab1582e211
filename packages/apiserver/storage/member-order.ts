import { findType, typeOfKind } from '@coxswain/api';
import {
  type KubeObject,
  parseApiVersion,
  setMember,
  type TypeFact,
  type ValueFact,
} from '@coxswain/machinery';

let objectMeta: TypeFact | undefined;

type Members = Record<string, unknown>;

/**
 * The object with its members as Go writes them: in the order of its type, maps by name. Parts that are in order
 * stay the same; kinds that are not built in are given as they are.
 */
export function inTypeOrder(object: KubeObject): KubeObject {
  const type = typeOf(object);
  if (type === undefined) return object;
  return orderMembers(object as unknown as Members, type) as unknown as KubeObject;
}

/** The metadata of any object in the order of its type. */
export function metaInTypeOrder(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  objectMeta ??= findType('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (objectMeta === undefined) throw new Error('there are no facts of ObjectMeta');
  return orderMembers(metadata as unknown as Members, objectMeta) as unknown as KubeObject['metadata'];
}

/** The same with room for the resourceVersion that storing gives it. */
export function inStoredOrder(object: KubeObject): KubeObject {
  if (typeOf(object) === undefined || 'resourceVersion' in object.metadata) return inTypeOrder(object);
  return inTypeOrder({ ...object, metadata: { ...object.metadata, resourceVersion: '' } });
}

/** Any JSON with the members of all its objects by name, as Go writes what it has no type for. */
export function byName<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  // Members and items are looked at in place, as values that nobody has a type for nest deep.
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const ordered: unknown = byName(value[i]);
      if (ordered === value[i]) continue;
      items ??= [...value];
      items[i] = ordered;
    }
    return (items ?? value) as T;
  }
  const members = value as Members;
  let changed: Members | undefined;
  for (const name in members) {
    const ordered = byName(members[name]);
    if (ordered === members[name]) continue;
    changed ??= { ...members };
    changed[name] = ordered;
  }
  return orderMap(changed ?? members, undefined) as T;
}

const types = new Map<string, TypeFact | undefined>();

function typeOf({ apiVersion, kind }: KubeObject): TypeFact | undefined {
  const key = `${apiVersion} ${kind}`;
  let type = types.get(key);
  if (type === undefined && !types.has(key)) {
    type = typeOfKind({ ...parseApiVersion(apiVersion), kind });
    // There are as many as kinds that are built in; of others nothing is kept.
    if (type !== undefined) types.set(key, type);
  }
  return type;
}

interface Place {
  readonly rank: number;
  /** Undefined where all values are in order. */
  readonly order: ((value: any) => unknown) | undefined;
}

const placesOfTypes = new WeakMap<TypeFact, ReadonlyMap<string, Place>>();

function placesOf(type: TypeFact): ReadonlyMap<string, Place> {
  let places = placesOfTypes.get(type);
  if (places === undefined) {
    places = new Map(
      [...type.fields].map(([name, { value }], rank) => [name, { rank, order: orderOf(value) }]),
    );
    placesOfTypes.set(type, places);
  }
  return places;
}

function orderOf(value: ValueFact): Place['order'] {
  switch (value.kind) {
    case 'object':
      return (members) => orderMembers(members, value.type);
    case 'array': {
      const order = orderOf(value.items);
      return order && ((items) => each(items, order));
    }
    case 'map': {
      const order = orderOf(value.values);
      return (members) => orderMap(members, order);
    }
    default:
      return undefined;
  }
}

function orderMembers(object: Members, type: TypeFact): Members {
  if (typeof object !== 'object' || object === null) return object;
  const places = placesOf(type);
  let last = -1;
  let sorted = true;
  let changed: Members | undefined;
  for (const name in object) {
    const place = places.get(name);
    const rank = place?.rank ?? places.size;
    if (rank < last) sorted = false;
    last = rank;
    if (place?.order === undefined) continue;
    const value = object[name];
    const ordered = place.order(value);
    if (ordered !== value) {
      changed ??= { ...object };
      changed[name] = ordered;
    }
  }
  const members = changed ?? object;
  return sorted ? members : inRanks(members, places);
}

/** By insertion, as there are few, and what a client sends is the other way round at worst. */
function inRanks(members: Members, places: ReadonlyMap<string, Place>): Members {
  const names: string[] = [];
  const ranks: number[] = [];
  for (const name in members) {
    const rank = places.get(name)?.rank ?? places.size;
    let at = names.length;
    for (; at > 0 && (ranks[at - 1] as number) > rank; at--) {
      names[at] = names[at - 1] as string;
      ranks[at] = ranks[at - 1] as number;
    }
    names[at] = name;
    ranks[at] = rank;
  }
  const out: Members = {};
  for (const name of names) setMember(out, name, members[name]);
  return out;
}

function orderMap(map: Members, order: Place['order']): Members {
  if (typeof map !== 'object' || map === null) return map;
  let last = '';
  let sorted = true;
  let changed: Members | undefined;
  for (const name in map) {
    if (name < last) sorted = false;
    last = name;
    if (order === undefined) continue;
    const value = map[name];
    const ordered = order(value);
    if (ordered !== value) {
      changed ??= { ...map };
      changed[name] = ordered;
    }
  }
  const members = changed ?? map;
  if (sorted) return members;
  const out: Members = {};
  for (const name of Object.keys(members).sort()) setMember(out, name, members[name]);
  return out;
}

function each(items: readonly unknown[], order: (value: any) => unknown): readonly unknown[] {
  if (!Array.isArray(items)) return items;
  let changed: unknown[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const ordered = order(items[i]);
    if (ordered === items[i]) continue;
    changed ??= [...items];
    changed[i] = ordered;
  }
  return changed ?? items;
}
