import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';

/** What a field of a configuration holds: a kind of value, a list of something, or a struct. */
export type ConfigValue =
  | 'string'
  | 'bool'
  | 'int32'
  | 'float64'
  | 'bytes'
  /** Taken as it is. */
  | 'any'
  /** A Go duration, which reads itself from a text. */
  | 'duration'
  | { readonly list: ConfigValue }
  | { readonly map: ConfigValue }
  | { readonly struct: string; readonly fields: ConfigFields }
  /** Go holds it by pointer: a zero value is kept apart from an absent one. */
  | { readonly pointer: ConfigValue }
  /** A Go type of its own name, as errors print it; of another package where that is part of it. */
  | { readonly named: string; readonly value: ConfigValue }
  /** A struct of the API. */
  | { readonly type: TypeFact; readonly goType: string };

export type ConfigFields = Readonly<Record<string, ConfigValue>>;

interface Described {
  readonly value: ValueFact;
  readonly goType: string;
  readonly pointer: boolean;
}

/**
 * The facts of a Go struct that a configuration file is decoded into.
 * @param version names the Go package, as errors print it: `v1` of `v1.Issuer`
 */
export function configType(goName: string, version: string, fields: ConfigFields): TypeFact {
  const ordered = Object.entries(fields).map(([name, value]) => fieldOf(name, describe(value, version)));
  return {
    name: `config.${version}.${goName}`,
    goName,
    ordered,
    fields: new Map(ordered.map((field) => [field.name, field])),
    byNumber: new Map(),
    message: '',
    atomic: false,
  };
}

/** The fields that every kind has. */
export const typeMeta: ConfigFields = { kind: 'string', apiVersion: 'string' };

function fieldOf(name: string, { value, goType, pointer }: Described): FieldFact {
  return {
    name,
    value,
    goType,
    pointer,
    number: 0,
    required: false,
    listType: 'atomic',
    mapKeys: [],
    atomic: false,
    patchStrategy: [],
    patchMergeKey: '',
    keepEmpty: false,
    omitZero: false,
    within: [],
    embeddedIn: [],
  };
}

function describe(value: ConfigValue, version: string): Described {
  if (typeof value === 'string') return { value: { kind: value }, goType: goTypes[value], pointer: false };
  if ('pointer' in value) return { ...describe(value.pointer, version), pointer: true };
  if ('type' in value) {
    return { value: { kind: 'object', type: value.type }, goType: value.goType, pointer: false };
  }
  if ('named' in value) {
    const goType = value.named.includes('.') ? value.named : `${version}.${value.named}`;
    return { ...describe(value.value, version), goType };
  }
  if ('list' in value) {
    const items = describe(value.list, version);
    return { value: { kind: 'array', items: items.value }, goType: `[]${items.goType}`, pointer: false };
  }
  if ('map' in value) {
    const values = describe(value.map, version);
    const goType = `map[string]${values.goType}`;
    return { value: { kind: 'map', values: values.value }, goType, pointer: false };
  }
  const type = configType(value.struct, version, value.fields);
  return { value: { kind: 'object', type }, goType: `${version}.${value.struct}`, pointer: false };
}

const goTypes = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  float64: 'float64',
  bytes: '[]uint8',
  any: 'runtime.RawExtension',
  duration: 'string',
} as const satisfies Record<Extract<ConfigValue, string>, string>;
