import { int64Of, isInt64 } from '@coxswain/machinery';
import { CelRuntimeError } from './issue.ts';
import { durationText, parseDuration, parseTimestamp, timestampText } from './library/time-text.ts';
import type { CelType, ObjectType } from './types.ts';
import { dyn } from './types.ts';
import {
  CelDuration,
  type CelMap,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
  isMap,
  typeNameOf,
} from './values.ts';

type Members = Readonly<Record<string, unknown>>;

/** An object with fields of declared types, made from JSON when it is looked into. */
class JsonObject implements CelMap {
  readonly objectType: string;
  readonly #json: Members;
  readonly #type: ObjectType & { jsonName?(field: string): string };

  constructor(json: Members, type: ObjectType) {
    this.#json = json;
    this.#type = type;
    this.objectType = type.name;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const name = this.#type.jsonName?.(key) ?? key;
    if (!Object.hasOwn(this.#json, name) || this.#json[name] === undefined) return undefined;
    return fromJson(this.#json[name], this.#type.field(key) ?? dyn);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#json);
  }
}

/** A map of values of one type. */
class JsonMap implements CelMap {
  readonly #json: Members;
  readonly #value: CelType;

  constructor(json: Members, value: CelType) {
    this.#json = json;
    this.#value = value;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#json, key) || this.#json[key] === undefined) {
      return undefined;
    }
    return fromJson(this.#json[key], this.#value);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#json);
  }
}

/** A JSON value as a value of the type. @throws CelRuntimeError when it is none */
export function fromJson(json: unknown, type: CelType = dyn): CelValue {
  if (json === null || json === undefined) return null;
  if (type.kind === 'wrapper') return fromJson(json, type.of);
  if (typeof json === 'string') return fromText(json, type);
  if (typeof json === 'boolean') return json;
  if (typeof json === 'number') {
    return type.kind !== 'double' && isInt64(json) ? BigInt(json) : json;
  }
  if (typeof json === 'bigint') return type.kind === 'double' ? Number(json) : json;
  if (Array.isArray(json)) {
    const items: CelValue[] = [];
    for (const item of json) items.push(fromJson(item, type.kind === 'list' ? type.items : dyn));
    return items;
  }
  const members = json as Members;
  if (type.kind === 'object') return new JsonObject(members, type);
  return new JsonMap(members, type.kind === 'map' ? type.value : dyn);
}

function fromText(text: string, type: CelType): CelValue {
  switch (type.kind) {
    case 'timestamp':
      return parseTimestamp(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
    case 'duration':
      return parseDuration(text);
    case 'bytes':
      return Buffer.from(text, 'base64');
    case 'int':
    case 'double':
    case 'bool':
      throw new CelRuntimeError('no such overload');
    default:
      return text;
  }
}

/** A value as JSON; times as texts, bytes in base64. @throws CelRuntimeError where it has no JSON */
export function toJson(value: CelValue): unknown {
  if (typeof value === 'bigint') return int64Of(value);
  if (value instanceof CelUint) return int64Of(value.value) ?? Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(toJson);
  if (isMap(value)) {
    return Object.fromEntries(value.keys().map((key) => [String(key), toJson(value.get(key) as CelValue)]));
  }
  throw new CelRuntimeError(`a value of type ${typeNameOf(value)} cannot be part of an object`);
}
