import { isInt64 } from '@coxswain/machinery';
import { JsonSyntaxError, NumberLiteral, parseJsonExactly } from '../decode/json-parser.ts';
import type { Json } from './values.ts';

/** A Go struct without JSON names, as old annotations hold: its own names count, in any case. */
export interface SerializedStruct {
  /** Of the package core. */
  readonly name: string;
  /** By the name in small letters. */
  readonly members: Readonly<Record<string, readonly [member: string, shown: string, type: string]>>;
}

/** The structs that a text lists, or what Go says is wrong with it. */
export function parseSerializedList(text: string, struct: SerializedStruct): Json[] | string {
  const value = parseSerialized(text);
  if (value instanceof JsonSyntaxError) return value.message;
  if (value === null) return [];
  if (!Array.isArray(value)) return mismatch(value, `Go value of type []core.${struct.name}`);
  const out: Json[] = [];
  for (const item of value) {
    const one = structOf(item, struct);
    if (typeof one === 'string') return one;
    out.push(one);
  }
  return out;
}

/** The value of a text, or what Go says is wrong with it. */
export function parseSerialized(text: string): unknown {
  try {
    return parseJsonExactly(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
}

export function isSerializedObject(value: unknown): value is Json {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral)
  );
}

function structOf(item: unknown, { name: struct, members }: SerializedStruct): Json | string {
  if (item === null) return {};
  if (!isSerializedObject(item)) return mismatch(item, `Go value of type core.${struct}`);
  const out: Json = {};
  for (const [name, value] of Object.entries(item)) {
    const known = members[name.toLowerCase()];
    if (known === undefined || value === null) continue;
    const [member, shown, type] = known;
    const isRight = type === 'int64' ? isInt64(value) : typeof value === 'string';
    if (!isRight) return mismatch(value, `Go struct field ${struct}.${shown} of type ${type}`);
    out[member] = value;
  }
  return out;
}

/** What Go says of a value of another type. A number that an integer cannot be is named, no other. */
export function mismatch(value: unknown, target: string): string {
  const named = value instanceof NumberLiteral && target.endsWith(' int64') ? ` ${value.text}` : '';
  return `json: cannot unmarshal ${typeName(value)}${named} into ${target}`;
}

function typeName(value: unknown): string {
  if (value instanceof NumberLiteral) return 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
