import { formatTime, type TypeFact, type ValueFact } from '@coxswain/machinery';
import { parseJson } from '../decode/decode-json.ts';
import { setMember } from '../decode/json-parser.ts';
import { mustFindType } from '../type-facts.ts';
import { type MessagePlan, messagePlanOf } from './message-plan.ts';
import { ProtobufError, type WireReader } from './wire-reader.ts';

type Members = Record<string, any>;

const schemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Reads a message of the type into its JSON shape, with all that the message has: zero values too. */
export function decodeMessage(reader: WireReader, type: TypeFact): Members {
  return readMembers(reader, {}, messagePlanOf(type));
}

function readMembers(reader: WireReader, out: Members, plan: MessagePlan): Members {
  while (!reader.done) {
    const tag = reader.unsigned();
    const wire = tag & 7;
    const member = plan.byNumber.get(Math.floor(tag / 8));
    if (member === undefined) {
      reader.skip(wire);
    } else if ('embedded' in member) {
      readMembers(reader.message(), out, member.embedded);
    } else if (member.wrapped) {
      out[member.field.name] = readValue(reader, member.field.value);
    } else {
      readField(reader, out, member.field.name, member.field.value, wire);
    }
  }
  return out;
}

function readField(reader: WireReader, out: Members, name: string, fact: ValueFact, wire: number): void {
  if (fact.kind === 'array') {
    out[name] ??= [];
    if (wire === 2 && isPacked(fact.items)) {
      const packed = reader.message();
      while (!packed.done) out[name].push(readValue(packed, fact.items));
    } else {
      out[name].push(readValue(reader, fact.items));
    }
  } else if (fact.kind === 'map') {
    out[name] ??= {};
    readEntry(reader.message(), out[name], fact.values);
  } else {
    const value = readValue(reader, fact);
    if (value !== undefined) out[name] = value;
  }
}

function isPacked(items: ValueFact): boolean {
  return ['bool', 'int32', 'int64', 'float64'].includes(items.kind);
}

function readEntry(reader: WireReader, into: Members, values: ValueFact): void {
  let key = '';
  let value: unknown;
  eachField(reader, (number) => {
    if (number === 1) key = reader.text();
    else if (number === 2) value = readValue(reader, values);
    else return false;
    return true;
  });
  // An entry without a value stands for the zero value, which the normaliser makes of null.
  setMember(into, key, value ?? null);
}

/** Calls `read` for each field; fields that it does not take are skipped. */
function eachField(reader: WireReader, read: (number: number) => boolean): void {
  while (!reader.done) {
    const tag = reader.unsigned();
    if (!read(Math.floor(tag / 8))) reader.skip(tag & 7);
  }
}

function readValue(reader: WireReader, fact: ValueFact): unknown {
  switch (fact.kind) {
    case 'string':
    case 'duration':
      return reader.text();
    case 'bool':
      return reader.unsigned() !== 0;
    case 'int32':
      return reader.signed() | 0;
    case 'int64':
      return reader.signed();
    case 'float64':
      return reader.double();
    case 'bytes':
      return reader.bytes().toString('base64');
    case 'object':
      return readMembers(reader.message(), {}, messagePlanOf(fact.type));
    case 'time':
    case 'microtime':
      return readTime(reader.message(), fact.kind);
    case 'quantity':
      return readQuantity(reader.message());
    case 'intOrString':
      return readIntOrString(reader.message());
    case 'array':
      return readItems(reader.message(), fact.items);
    case 'any':
      return fact.schemaOr === undefined
        ? readRaw(reader.message())
        : readSchemaOr(reader.message(), fact.schemaOr);
    case 'map':
      throw new ProtobufError('a map of maps has no message');
  }
}

function readItems(reader: WireReader, items: ValueFact): unknown[] {
  const out: unknown[] = [];
  eachField(reader, (number) => {
    if (number !== 1) return false;
    out.push(readValue(reader, items));
    return true;
  });
  return out;
}

/** Go's zero time, and the end of what has a text: years 1 to 9999, in seconds since 1970. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/** Undefined for the zero time. */
function readTime(reader: WireReader, kind: 'time' | 'microtime'): string | undefined {
  let seconds = 0;
  let nanos = 0;
  eachField(reader, (number) => {
    if (number === 1) seconds = reader.signed();
    else if (number === 2) nanos = reader.signed();
    else return false;
    return true;
  });
  if (nanos === 0 && (seconds === 0 || seconds === firstSecond)) return undefined;
  if (!(seconds >= firstSecond && seconds <= lastSecond)) {
    throw new ProtobufError('Time.MarshalJSON: year outside of range [0,9999]');
  }
  if (nanos < 0 || nanos > 999_999_999) throw new ProtobufError(`nanoseconds out of range: ${nanos}`);
  const text = formatTime(seconds * 1000);
  if (kind === 'time') return text;
  return `${text.slice(0, 19)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

function readQuantity(reader: WireReader): string {
  let text = '0';
  eachField(reader, (number) => {
    if (number !== 1) return false;
    text = reader.text() || '0';
    return true;
  });
  return text;
}

function readIntOrString(reader: WireReader): number | string {
  let type = 0;
  let int = 0;
  let text = '';
  eachField(reader, (number) => {
    if (number === 1) type = reader.signed();
    else if (number === 2) int = reader.signed();
    else if (number === 3) text = reader.text();
    else return false;
    return true;
  });
  return type === 1 ? text : int;
}

function readRaw(reader: WireReader): unknown {
  let raw: Buffer | undefined;
  eachField(reader, (number) => {
    if (number !== 1) return false;
    raw = reader.bytes();
    return true;
  });
  if (raw === undefined || raw.length === 0) return undefined;
  try {
    return parseJson(raw.toString('utf8'));
  } catch (cause) {
    throw new ProtobufError('read a raw extension: it is no JSON', { cause });
  }
}

/** Field numbers of JSONSchemaPropsOrArray, OrBool and OrStringArray. */
function readSchemaOr(reader: WireReader, other: 'array' | 'bool' | 'strings'): unknown {
  const type = mustFindType(schemaProps);
  let schema: unknown;
  let allows = false;
  const list: unknown[] = [];
  eachField(reader, (number) => {
    if (number > 2) return false;
    if (number === (other === 'bool' ? 2 : 1)) schema = decodeMessage(reader.message(), type);
    else if (other === 'bool') allows = reader.unsigned() !== 0;
    else list.push(other === 'array' ? decodeMessage(reader.message(), type) : reader.text());
    return true;
  });
  if (schema !== undefined) return schema;
  return other === 'bool' ? allows : list;
}
