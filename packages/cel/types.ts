/** A type of the expression language. */
export type CelType =
  | { readonly kind: PlainKind }
  | { readonly kind: 'list'; readonly items: CelType; readonly max?: number }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly max?: number }
  | ObjectType
  /** A value that may be null. */
  | { readonly kind: 'wrapper'; readonly of: CelType }
  | { readonly kind: 'opaque'; readonly name: string; readonly params: readonly CelType[] }
  | { readonly kind: 'type'; readonly of: CelType }
  | { readonly kind: 'param'; readonly name: string };

export type PlainKind =
  | 'dyn'
  /** As dynamic as `dyn`, but no list or map to go through. */
  | 'any'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'timestamp'
  | 'duration'
  | 'error';

/** An object with declared fields. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** The type of a field; undefined where there is none of that name. */
  field(name: string): CelType | undefined;
  /** The names of the fields. */
  names(): readonly string[];
}

const plain = (kind: PlainKind): CelType => ({ kind });

export const dyn = plain('dyn');
export const any = plain('any');
/** Of the items of an empty literal: takes whatever type is wanted. */
export const unknown: CelType = plain('dyn');
export const bool = plain('bool');
export const int = plain('int');
export const uint = plain('uint');
export const double = plain('double');
export const string = plain('string');
export const bytes = plain('bytes');
export const nullType = plain('null');
export const timestamp = plain('timestamp');
export const duration = plain('duration');
export const errorType = plain('error');
export const listOf = (items: CelType): CelType => ({ kind: 'list', items });
export const mapOf = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const opaque = (name: string, ...params: CelType[]): CelType => ({ kind: 'opaque', name, params });
export const optionalOf = (of: CelType): CelType => opaque('optional_type', of);
export const nullable = (of: CelType): CelType => ({ kind: 'wrapper', of });

const shown: Readonly<Partial<Record<PlainKind, string>>> = {
  timestamp: 'timestamp',
  duration: 'duration',
  error: '!error!',
};

/** A type as error texts show it. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.items)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'object':
      return type.name;
    case 'wrapper':
      return `wrapper(${typeText(type.of)})`;
    case 'opaque':
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(typeText).join(', ')})`;
    case 'type':
      return `type(${typeText(type.of)})`;
    case 'param':
      return type.name;
    default:
      return shown[type.kind] ?? type.kind;
  }
}

const runtimeNames: Readonly<Partial<Record<PlainKind, string>>> = {
  any: 'google.protobuf.Any',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  null: 'null_type',
};

/** A type by the names that values have: what an expression is told to evaluate to. */
export function runtimeTypeText(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${runtimeTypeText(type.items)})`;
    case 'map':
      return `map(${runtimeTypeText(type.key)}, ${runtimeTypeText(type.value)})`;
    case 'wrapper':
      return `wrapper(${runtimeTypeText(type.of)})`;
    case 'type':
      return `type(${runtimeTypeText(type.of)})`;
    case 'opaque':
      if (type.params.length === 0) return type.name;
      return `${type.name}(${type.params.map(runtimeTypeText).join(', ')})`;
    case 'object':
    case 'param':
      return type.name;
    default:
      return runtimeNames[type.kind] ?? type.kind;
  }
}

/** Reads a type as signatures write it: `list(A)`, `map(string, dyn)`, `optional(A)`; one capital is a parameter. */
export function parseType(text: string): CelType {
  const reader = { text, at: 0 };
  return readType(reader);
}

function readType(reader: { readonly text: string; at: number }): CelType {
  const match = /^\s*([\w.]+)/.exec(reader.text.slice(reader.at));
  if (match === null) throw new Error(`reading the type "${reader.text}": a name is missing`);
  reader.at += match[0].length;
  const name = match[1] as string;
  const params: CelType[] = [];
  if (reader.text[reader.at] === '(') {
    do {
      reader.at++;
      params.push(readType(reader));
    } while (reader.text[reader.at] === ',');
    reader.at++;
  }
  const [first = dyn, second = dyn] = params;
  if (name === 'list') return listOf(first);
  if (name === 'map') return mapOf(first, second);
  if (name === 'optional') return optionalOf(first);
  if (name === 'type') return { kind: 'type', of: first };
  if (/^[A-Z]$/.test(name)) return { kind: 'param', name };
  return plainKinds.has(name) ? plain(name as PlainKind) : opaque(name);
}

const plainKinds: ReadonlySet<string> = new Set([
  'dyn',
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'null',
  'timestamp',
  'duration',
]);
