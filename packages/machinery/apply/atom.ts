import type { FieldFact, TypeFact, ValueFact } from '../facts.ts';

/** How structured merge sees a type. */
export type Atom = ScalarAtom | ListAtom | MapAtom | DeducedAtom;

export interface ScalarAtom {
  readonly kind: 'scalar';
  readonly scalar: 'string' | 'numeric' | 'boolean' | 'untyped';
}

export interface ListAtom {
  readonly kind: 'list';
  readonly relation: 'atomic' | 'set' | 'map';
  /** Sorted; only where `relation` is `map`. */
  readonly keys: readonly string[];
  /** Values of keys that an element leaves out. */
  readonly keyDefaults: ReadonlyMap<string, unknown>;
  readonly items: Atom;
}

export interface MapAtom {
  readonly kind: 'map';
  readonly atomic: boolean;
  /** Declared fields of a struct; empty for a map. */
  readonly fields: ReadonlyMap<string, Atom>;
  /** Type of members that are not declared; absent where there may be none. */
  readonly values: Atom | undefined;
}

/** The value tells: maps are merged by key, lists are atomic. */
export interface DeducedAtom {
  readonly kind: 'deduced';
}

export const deduced: DeducedAtom = { kind: 'deduced' };

const scalars: Readonly<Record<ScalarAtom['scalar'], ScalarAtom>> = {
  string: { kind: 'scalar', scalar: 'string' },
  numeric: { kind: 'scalar', scalar: 'numeric' },
  boolean: { kind: 'scalar', scalar: 'boolean' },
  untyped: { kind: 'scalar', scalar: 'untyped' },
};

const deducedMap: MapAtom = { kind: 'map', atomic: false, fields: new Map(), values: deduced };
const deducedList: ListAtom = {
  kind: 'list',
  relation: 'atomic',
  keys: [],
  keyDefaults: new Map(),
  items: deduced,
};

/** Settles a deduced type by a value; null is taken as an empty map. */
export function settle(atom: Atom, value: unknown): ScalarAtom | ListAtom | MapAtom {
  if (atom.kind !== 'deduced') return atom;
  if (Array.isArray(value)) return deducedList;
  return typeof value === 'object' ? deducedMap : scalars.untyped;
}

const byType = new WeakMap<TypeFact, MapAtom>();

/** The atom of an object's type; without a type everything is deduced. */
export function atomOfType(type: TypeFact | undefined): Atom {
  if (!type) return deduced;
  const known = byType.get(type);
  if (known) return known;
  const fields = new Map<string, Atom>();
  const atom: MapAtom = {
    kind: 'map',
    atomic: type.atomic,
    fields,
    values: type.preserveUnknown ? deduced : undefined,
  };
  // Known before its fields are: types may contain themselves.
  byType.set(type, atom);
  for (const field of type.fields.values()) fields.set(field.name, atomOfField(field));
  return atom;
}

/** An object of any kind within another: owned as one value. */
const embedded: MapAtom = { kind: 'map', atomic: true, fields: new Map(), values: deduced };

function atomOfField(field: FieldFact): Atom {
  const { value } = field;
  if (value.kind === 'any' && field.goType === 'runtime.RawExtension') return embedded;
  if (value.kind === 'array') {
    const relation = field.listType;
    const keys = relation === 'map' ? [...field.mapKeys].sort() : [];
    return {
      kind: 'list',
      relation,
      keys,
      keyDefaults: keyDefaults(value.items, keys),
      items: atomOfValue(value.items),
    };
  }
  const atom = atomOfValue(value);
  return field.atomic && atom.kind === 'map' && !atom.atomic ? atomicMap(atom) : atom;
}

/** A field may make atomic a type that is not so elsewhere. */
function atomicMap(atom: MapAtom): MapAtom {
  return { kind: 'map', atomic: true, fields: atom.fields, values: atom.values };
}

function keyDefaults(items: ValueFact, keys: readonly string[]): ReadonlyMap<string, unknown> {
  const out = new Map<string, unknown>();
  if (items.kind !== 'object') return out;
  for (const key of keys) {
    const field = items.type.fields.get(key);
    if (field?.default !== undefined) out.set(key, field.default);
  }
  return out;
}

function atomOfValue(value: ValueFact): Atom {
  switch (value.kind) {
    case 'object':
      return atomOfType(value.type);
    case 'map':
      return { kind: 'map', atomic: false, fields: new Map(), values: atomOfValue(value.values) };
    case 'array':
      return {
        kind: 'list',
        relation: 'atomic',
        keys: [],
        keyDefaults: new Map(),
        items: atomOfValue(value.items),
      };
    case 'any':
      return deduced;
    case 'int32':
    case 'int64':
    case 'float64':
      return scalars.numeric;
    case 'bool':
      return scalars.boolean;
    // Strings of a format: whatever is none is refused when the object is decoded.
    case 'quantity':
    case 'intOrString':
    case 'time':
    case 'microtime':
      return scalars.untyped;
    default:
      return scalars.string;
  }
}

/** The type of a member of a map or struct; undefined where the struct does not declare it. */
export function memberAtom(atom: MapAtom, name: string): Atom | undefined {
  return atom.fields.get(name) ?? atom.values;
}
