import { type FieldFact, type TypeFact, type ValueFact, writeJson } from '@coxswain/machinery';
import { mustFindType } from '../type-facts.ts';
import { type MessagePlan, messagePlanOf } from './message-plan.ts';
import type { WireWriter } from './wire-writer.ts';

type Members = Readonly<Record<string, any>>;

const schemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Writes an object as the message of its type, without an envelope. Nothing of apiVersion and kind goes in. */
export function encodeMessage(writer: WireWriter, object: Members, type: TypeFact): void {
  writeMembers(writer, object, messagePlanOf(type));
}

/** Last member first: the writer runs backwards. */
function writeMembers(writer: WireWriter, object: Members, plan: MessagePlan): void {
  for (let i = plan.members.length - 1; i >= 0; i--) {
    const member = plan.members[i] as (typeof plan.members)[number];
    if ('embedded' in member) {
      const before = writer.length;
      writeMembers(writer, object, member.embedded);
      writer.closeField(member.number, before);
      continue;
    }
    const value = object[member.field.name];
    if (value === undefined || value === null) {
      if (member.alwaysWritten) writeZero(writer, member.number, member.field.value);
    } else if (member.wrapped) {
      writeValue(writer, member.number, value, member.field.value);
    } else {
      writeField(writer, member.number, value, member.field);
    }
  }
}

function writeField(writer: WireWriter, number: number, value: any, field: FieldFact): void {
  const fact = field.value;
  if (fact.kind === 'array') {
    for (let i = value.length - 1; i >= 0; i--) writeValue(writer, number, value[i], fact.items);
  } else if (fact.kind === 'map') {
    const keys = Object.keys(value).sort();
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] as string;
      const before = writer.length;
      // Bytes that are nil are left out, and nothing else is.
      if (value[key] !== null || fact.values.kind !== 'bytes') writeValue(writer, 2, value[key], fact.values);
      writeText(writer, 1, key);
      writer.closeField(number, before);
    }
  } else {
    writeValue(writer, number, value, fact);
  }
}

/** One value under one number. A list inside of a map is a message whose field 1 repeats. */
function writeValue(writer: WireWriter, number: number, value: any, fact: ValueFact): void {
  switch (fact.kind) {
    case 'string':
    case 'duration':
      writeText(writer, number, value ?? '');
      return;
    case 'bool':
      writer.varint(value ? 1 : 0);
      writer.tag(number, 0);
      return;
    case 'int32':
    case 'int64':
      writer.varint(value ?? 0);
      writer.tag(number, 0);
      return;
    case 'float64':
      writer.double(value ?? 0);
      writer.tag(number, 1);
      return;
    case 'bytes':
      writeBytes(writer, number, Buffer.from(value ?? '', 'base64'));
      return;
    default: {
      const before = writer.length;
      if (value !== undefined && value !== null) writeContent(writer, value, fact);
      else writeZeroContent(writer, fact);
      writer.closeField(number, before);
    }
  }
}

function writeContent(writer: WireWriter, value: any, fact: ValueFact): void {
  switch (fact.kind) {
    case 'object':
      writeMembers(writer, value, messagePlanOf(fact.type));
      return;
    case 'time':
      writeTimestamp(writer, Math.floor(Date.parse(value) / 1000), 0);
      return;
    case 'microtime': {
      const micros = Number((/\.(\d{1,6})/.exec(value)?.[1] ?? '').padEnd(6, '0'));
      writeTimestamp(writer, Math.floor(Date.parse(value) / 1000), micros * 1000);
      return;
    }
    case 'quantity':
      writeText(writer, 1, value);
      return;
    case 'intOrString': {
      const isText = typeof value === 'string';
      writeText(writer, 3, isText ? value : '');
      writeValue(writer, 2, isText ? 0 : value, { kind: 'int32' });
      writeValue(writer, 1, isText ? 1 : 0, { kind: 'int64' });
      return;
    }
    case 'array':
      for (let i = value.length - 1; i >= 0; i--) writeValue(writer, 1, value[i], fact.items);
      return;
    case 'any':
      if (fact.schemaOr === undefined) writeBytes(writer, 1, Buffer.from(writeJson(value), 'utf8'));
      else writeSchemaOr(writer, value, fact.schemaOr);
      return;
    default:
      throw new Error(`encode a ${fact.kind} as a message`);
  }
}

function writeTimestamp(writer: WireWriter, seconds: number, nanos: number): void {
  writer.varint(nanos);
  writer.tag(2, 0);
  writer.varint(seconds);
  writer.tag(1, 0);
}

/** Field numbers of JSONSchemaPropsOrArray, OrBool and OrStringArray. */
function writeSchemaOr(writer: WireWriter, value: any, other: 'array' | 'bool' | 'strings'): void {
  const schema = { kind: 'object', type: mustFindType(schemaProps) } as const;
  const isSchema = typeof value === 'object' && !Array.isArray(value);
  if (other === 'bool') {
    if (isSchema) writeValue(writer, 2, value, schema);
    writeValue(writer, 1, isSchema || value, { kind: 'bool' });
  } else if (isSchema) {
    writeValue(writer, 1, value, schema);
  } else {
    const items: ValueFact = other === 'array' ? schema : { kind: 'string' };
    for (let i = value.length - 1; i >= 0; i--) writeValue(writer, 2, value[i], items);
  }
}

function writeZero(writer: WireWriter, number: number, fact: ValueFact): void {
  writeValue(writer, number, undefined, fact);
}

/** A zero time is an empty message; a zero quantity is still the text `0`. */
function writeZeroContent(writer: WireWriter, fact: ValueFact): void {
  if (fact.kind === 'object') writeMembers(writer, {}, messagePlanOf(fact.type));
  else if (fact.kind === 'quantity') writeText(writer, 1, '0');
  else if (fact.kind === 'intOrString') writeContent(writer, 0, fact);
}

function writeText(writer: WireWriter, number: number, text: string): void {
  const before = writer.length;
  writer.text(text);
  writer.closeField(number, before);
}

function writeBytes(writer: WireWriter, number: number, bytes: Uint8Array): void {
  const before = writer.length;
  writer.bytes(bytes);
  writer.closeField(number, before);
}
