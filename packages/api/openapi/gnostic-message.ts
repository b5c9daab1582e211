import { formatYaml, type Int64, type Steps } from '@coxswain/machinery';
import { WireWriter } from '../protobuf/wire-writer.ts';
import type { Schema } from './schema.ts';

/** Writes a value at a place of a message. The writer runs backwards, so what comes last goes in first. */
export type Put<T = any> = (wire: WireWriter, value: T) => void;

/** The bytes of a message. */
export function encodeMessage<T>(message: Put<T>, value: T): Buffer {
  const wire = new WireWriter();
  message(wire, value);
  return wire.finish();
}

/** A message whose fields are members of an object, by name and in the order of their numbers. */
export function record(fields: Readonly<Record<string, Put>>, extensions?: Put<Schema>): Put<Schema> {
  const backwards = Object.entries(fields).reverse();
  return (wire, value) => {
    extensions?.(wire, value);
    for (const [name, put] of backwards) {
      if (value[name] !== undefined) put(wire, value[name]);
    }
  };
}

export function at<T>(number: number, message: Put<T>): Put<T> {
  return (wire, value) => {
    const before = wire.length;
    message(wire, value);
    wire.closeField(number, before);
  };
}

/** A repeated field. */
export function each<T>(put: Put<T>): Put<readonly T[]> {
  return (wire, values) => {
    for (let i = values.length - 1; i >= 0; i--) put(wire, values[i] as T);
  };
}

/** gnostic's form of a map: messages with a name (1) and a value (2). */
export function named<T>(number: number, message: Put<T>): Put<Readonly<Record<string, T>>> {
  const entries = each(entryOf(number, message));
  return (wire, members) => entries(wire, Object.entries(members));
}

/** One member of such a map. */
export function entryOf<T>(number: number, message: Put<T>): Put<readonly [name: string, value: T]> {
  const name = text(1);
  const value = at(2, message);
  return at(number, (wire, [key, member]) => {
    value(wire, member);
    name(wire, key);
  });
}

/** Each of many members by itself, so that all of them can be written with `encodedFields`. */
export function* encodeEach<T>(
  members: Iterable<readonly [name: string, value: T]>,
  entry: Put<readonly [name: string, value: T]>,
): Steps<Map<string, Buffer>> {
  const encoded = new Map<string, Buffer>();
  for (const member of members) {
    encoded.set(member[0], encodeMessage(entry, member));
    yield;
  }
  return encoded;
}

/** Fields that are encoded already. */
export const encodedFields: Put<readonly Uint8Array[]> = each((wire, bytes) => wire.bytes(bytes));

/** The members `x-…` of an object. */
export function extensions(number: number): Put<Schema> {
  const put = named(number, any);
  return (wire, owner) =>
    put(wire, Object.fromEntries(Object.entries(owner).filter(([name]) => name.startsWith('x-'))));
}

/** Field 1 of what is meant, field 2 of a reference to it. */
export function orReference(message: Put<Schema>, reference: Put<Schema>): Put<Schema> {
  const own = at(1, message);
  const other = at(2, reference);
  return (wire, value) => (value['$ref'] === undefined ? own : other)(wire, value);
}

export function text(number: number): Put<string> {
  return (wire, value) => {
    if (value === '') return;
    const before = wire.length;
    wire.text(value);
    wire.closeField(number, before);
  };
}

export function flag(number: number): Put<boolean> {
  return (wire, value) => {
    if (!value) return;
    wire.varint(1);
    wire.tag(number, 0);
  };
}

/** An integer. */
export function count(number: number): Put<Int64> {
  return (wire, value) => {
    if (value === 0) return;
    wire.varint(value);
    wire.tag(number, 0);
  };
}

export function double(number: number): Put<Int64> {
  return (wire, value) => {
    if (value === 0) return;
    wire.double(Number(value));
    wire.tag(number, 1);
  };
}

/** gnostic keeps any value as a text of YAML. */
export const any: Put<unknown> = (wire, value) => text(2)(wire, formatYaml(value));
