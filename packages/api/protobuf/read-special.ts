import { formatTime, type TypeFact } from '@coxswain/machinery';
import { parseJson } from '../decode/decode-json.ts';
import { goString } from '../decode/go-string.ts';
import { mustFindType } from '../type-facts.ts';
import { lengthWire, ProtobufError, varintWire, type WireReader } from './wire-reader.ts';

// Messages of types that write themselves: what they hold is not what JSON shows.

const schemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Go's names of a message and, by number, of its fields, and how these are written. */
interface SmallMessage {
  readonly name: string;
  readonly fields: readonly (readonly [goName: string, wire: number])[];
}

const timestamp: SmallMessage = {
  name: 'Timestamp',
  fields: [
    ['Seconds', varintWire],
    ['Nanos', varintWire],
  ],
};
const quantity: SmallMessage = { name: 'Quantity', fields: [['String_', lengthWire]] };
const intOrString: SmallMessage = {
  name: 'IntOrString',
  fields: [
    ['Type', varintWire],
    ['IntVal', varintWire],
    ['StrVal', lengthWire],
  ],
};
const schemaOr: Readonly<Record<'array' | 'bool' | 'strings', SmallMessage>> = {
  array: {
    name: 'JSONSchemaPropsOrArray',
    fields: [
      ['Schema', lengthWire],
      ['JSONSchemas', lengthWire],
    ],
  },
  bool: {
    name: 'JSONSchemaPropsOrBool',
    fields: [
      ['Allows', varintWire],
      ['Schema', lengthWire],
    ],
  },
  strings: {
    name: 'JSONSchemaPropsOrStringArray',
    fields: [
      ['Schema', lengthWire],
      ['Property', lengthWire],
    ],
  },
};

/** Calls `read` for each field that the message has; others are skipped. */
function eachField(reader: WireReader, { name, fields }: SmallMessage, read: (number: number) => void): void {
  while (reader.next(name)) {
    const { number } = reader;
    const field = fields[number - 1];
    if (field === undefined) {
      reader.skip();
    } else {
      reader.expect(field[1], field[0]);
      read(number);
    }
  }
}

/** Go's zero time, and the end of what has a text: years 1 to 9999, in seconds since 1970. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;
const nanosPerSecond = 1_000_000_000;

/** Undefined for the zero time, which is an empty message or the first second of all. */
export function readTime(reader: WireReader, kind: 'time' | 'microtime'): string | undefined {
  if (reader.done) return undefined;
  let seconds = 0;
  let nanos = 0;
  eachField(reader, timestamp, (number) => {
    if (number === 1) seconds = Number(reader.signed());
    else nanos = reader.signed32();
  });
  // Only whole seconds of a time count; those of a micro time may be more than one second, or less than none.
  const micros = kind === 'time' ? 0 : Math.trunc(nanos / 1000);
  seconds += Math.floor((micros * 1000) / nanosPerSecond);
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  if (seconds === firstSecond && fraction === 0) return undefined;
  if (!(seconds >= firstSecond && seconds <= lastSecond)) {
    throw new ProtobufError('Time.MarshalJSON: year outside of range [0,9999]');
  }
  const text = formatTime(seconds * 1000);
  return kind === 'time' ? text : `${text.slice(0, 19)}.${String(fraction).padStart(6, '0')}Z`;
}

export function readQuantity(reader: WireReader): string {
  let text = '0';
  eachField(reader, quantity, () => {
    text = reader.text();
  });
  return text;
}

export function readIntOrString(reader: WireReader): number | string {
  let type = 0;
  let int = 0;
  let text = '';
  eachField(reader, intOrString, (number) => {
    if (number === 1) type = Number(reader.signed());
    else if (number === 2) int = reader.signed32();
    else text = reader.text();
  });
  return type === 1 ? text : int;
}

/** @param name Go's name of the message: `RawExtension`, `FieldsV1`, `JSON` */
export function readRaw(reader: WireReader, name: string): unknown {
  let raw: Buffer | undefined;
  eachField(reader, { name, fields: [['Raw', lengthWire]] }, () => {
    raw = reader.bytes();
  });
  if (raw === undefined || raw.length === 0) return undefined;
  try {
    return parseJson(goString(raw));
  } catch (cause) {
    throw new ProtobufError('read a raw extension: it is no JSON', { cause });
  }
}

/** A schema, or else a list of them, a bool or a list of strings. */
export function readSchemaOr(
  reader: WireReader,
  other: 'array' | 'bool' | 'strings',
  decodeMessage: (reader: WireReader, type: TypeFact) => unknown,
): unknown {
  const type = mustFindType(schemaProps);
  const schemaNumber = other === 'bool' ? 2 : 1;
  let schema: unknown;
  let allows = false;
  const list: unknown[] = [];
  eachField(reader, schemaOr[other], (number) => {
    if (number === schemaNumber) schema = decodeMessage(reader.message(), type);
    else if (other === 'bool') allows = reader.unsigned() !== 0;
    else list.push(other === 'array' ? decodeMessage(reader.message(), type) : reader.text());
  });
  if (schema !== undefined) return schema;
  return other === 'bool' ? allows : list;
}
