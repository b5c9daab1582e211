/** An unsigned integer. */
export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class CelTimestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** What `type(x)` gives. */
export class CelTypeName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value that may be absent. */
export class CelOptional {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export const noValue = new CelOptional(undefined);

/** A value of a library: a quantity, an address. */
export interface CelOpaque {
  readonly typeName: string;
  equals(other: CelOpaque): boolean;
}

/** Keys and values, of a literal or of an object with fields. */
export interface CelMap {
  readonly size: number;
  get(key: CelValue): CelValue | undefined;
  keys(): readonly CelValue[];
  /** An object with declared fields, by its type; absent for maps. */
  readonly objectType?: string;
  /** True of an object that is read field by field: it has no size, holds no key, and its items are its values. */
  readonly fieldsOnly?: true;
}

export type CelValue =
  | null
  | boolean
  | bigint
  | CelUint
  | number
  | string
  | Uint8Array
  | readonly CelValue[]
  | CelMap
  | CelTimestamp
  | CelDuration
  | CelTypeName
  | CelOptional
  | CelOpaque;

export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

export function isMap(value: CelValue): value is CelMap {
  return typeof value === 'object' && value !== null && 'keys' in value && 'get' in value && !isList(value);
}

export function isOpaque(value: CelValue): value is CelOpaque {
  return typeof value === 'object' && value !== null && 'typeName' in value;
}

/** A map of values that were computed. Numbers that are equal are the same key. */
export class LiteralMap implements CelMap {
  readonly objectType?: string;
  readonly #entries = new Map<string | boolean | bigint | number, readonly [CelValue, CelValue]>();

  /** @param objectType the name of the struct that this is; absent for maps */
  constructor(objectType?: string) {
    if (objectType !== undefined) this.objectType = objectType;
  }

  get size(): number {
    return this.#entries.size;
  }

  set(key: CelValue, value: CelValue): void {
    this.#entries.set(normalKey(key), [key, value]);
  }

  has(key: CelValue): boolean {
    return this.#entries.has(normalKey(key));
  }

  get(key: CelValue): CelValue | undefined {
    return this.#entries.get(normalKey(key))?.[1];
  }

  keys(): readonly CelValue[] {
    return [...this.#entries.values()].map(([key]) => key);
  }
}

function normalKey(key: CelValue): string | boolean | bigint | number {
  if (key instanceof CelUint) return key.value;
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key;
  return key as string | boolean | bigint;
}

const goTypes: Readonly<Record<string, string>> = {
  null_type: 'types.Null',
  bool: 'types.Bool',
  int: 'types.Int',
  uint: 'types.Uint',
  double: 'types.Double',
  string: 'types.String',
  bytes: 'types.Bytes',
  list: '*types.baseList',
  map: '*types.baseMap',
  type: '*types.Type',
  optional_type: '*types.Optional',
  'google.protobuf.Timestamp': 'types.Timestamp',
  'google.protobuf.Duration': 'types.Duration',
};

/** The name of a value's type as messages of cel-go's insides have it. */
export function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value);
  return goTypes[name] ?? name;
}

/** The name of a value's type. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
  }
  if (value instanceof CelUint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (isList(value)) return 'list';
  if (value instanceof CelTimestamp) return 'google.protobuf.Timestamp';
  if (value instanceof CelDuration) return 'google.protobuf.Duration';
  if (value instanceof CelTypeName) return 'type';
  if (value instanceof CelOptional) return 'optional_type';
  return isMap(value) ? (value.objectType ?? 'map') : (value as CelOpaque).typeName;
}
