import { type KubeObject, parseApiVersion, type TypeFact } from '@coxswain/machinery';
import { decodeValue } from '../decode/decode-json.ts';
import { typeOfKind } from '../facts.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { lengthWire, ProtobufError, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** What every protobuf document of Kubernetes begins with: `k8s` and a zero byte. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Go's names of the envelope's fields, by number. */
const envelopeFields = ['TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'] as const;

const writer = new WireWriter();

/** Encodes an object with its `k8s\0` envelope (runtime.Unknown), which bears apiVersion and kind. */
export function encodeProtobuf(object: KubeObject | Readonly<Record<string, any>>, type: TypeFact): Buffer {
  if (type.message === '')
    throw new ProtobufError(`object *${type.goName} does not implement the protobuf marshalling interface`);
  // Fields of the envelope from the last to the first: content type, encoding, raw, type meta.
  writer.closeField(4, writer.length);
  writer.closeField(3, writer.length);
  const raw = writer.length;
  encodeMessage(writer, object, type);
  writer.closeField(2, raw);
  const meta = writer.length;
  writeText(2, object['kind'] ?? '');
  writeText(1, object['apiVersion'] ?? '');
  writer.closeField(1, meta);
  writer.bytes(magic);
  return writer.finish();
}

function writeText(number: number, text: string): void {
  const before = writer.length;
  writer.text(text);
  writer.closeField(number, before);
}

/** What goes before and after the items of a list whose items are written elsewhere. */
export interface ListEnvelope {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/**
 * The envelope of a list and its metadata, for items that take `itemsSize` bytes, each with the tag and length
 * of field 2 before it.
 */
export function protobufListEnvelope(
  list: Readonly<Record<string, any>>,
  type: TypeFact,
  itemsSize: number,
): ListEnvelope {
  writer.closeField(4, writer.length);
  writer.closeField(3, writer.length);
  const tail = writer.finish();
  encodeMessage(writer, { ...list, items: [] }, type);
  writer.varint(writer.length + itemsSize);
  writer.tag(2, 2);
  const meta = writer.length;
  writeText(2, list['kind'] ?? '');
  writeText(1, list['apiVersion'] ?? '');
  writer.closeField(1, meta);
  writer.bytes(magic);
  return { head: writer.finish(), tail };
}

/** Encodes an object as its bare message: what is inside of the envelope. */
export function encodeProtobufMessage(object: Readonly<Record<string, any>>, type: TypeFact): Buffer {
  encodeMessage(writer, object, type);
  return writer.finish();
}

/** Encodes metav1.WatchEvent around an object that is encoded already; the frame's length is the caller's. */
export function encodeProtobufWatchEvent(eventType: string, object: Uint8Array): Buffer {
  const outer = writer.length;
  const inner = writer.length;
  writer.bytes(object);
  writer.closeField(1, inner);
  writer.closeField(2, outer);
  writeText(1, eventType);
  return writer.finish();
}

/** Whether the bytes begin as a protobuf document of Kubernetes does. */
export function isProtobuf(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

/** A document whose envelope was read, and the message in it not. */
export interface ProtobufDocument {
  /** '' where the envelope names none. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/**
 * Reads the envelope of a document.
 *
 * @throws ProtobufError with Go's text
 */
export function openProtobuf(bytes: Uint8Array): ProtobufDocument {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 0) throw new ProtobufError('empty data');
  if (!isProtobuf(buffer)) {
    throw new ProtobufError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  if (buffer.length === magic.length) throw new ProtobufError('empty body');
  return readEnvelope(new WireReader(buffer, magic.length));
}

/**
 * Decodes the message of a document into the object that JSON decoding would give.
 *
 * @throws ProtobufError
 */
export function decodeProtobufAs({ apiVersion, kind, raw }: ProtobufDocument, type: TypeFact): KubeObject {
  const named = {
    ...(kind === '' ? {} : { kind }),
    ...(apiVersion === '' ? {} : { apiVersion }),
    ...decodeMessage(new WireReader(raw), type),
  };
  return decodeValue(named, type, { strict: false }).object as KubeObject;
}

/**
 * Decodes a document with its envelope. The envelope names the kind; `fallback` is the type of documents that name
 * none or one that is not known.
 *
 * @throws ProtobufError
 */
export function decodeProtobuf(bytes: Uint8Array, fallback?: TypeFact): KubeObject {
  const document = openProtobuf(bytes);
  const { apiVersion, kind } = document;
  const type = (kind === '' ? undefined : typeOfKind({ ...parseApiVersion(apiVersion), kind })) ?? fallback;
  if (type === undefined)
    throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return decodeProtobufAs(document, type);
}

function readEnvelope(reader: WireReader): ProtobufDocument {
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  while (reader.next('Unknown')) {
    const field = envelopeFields[reader.number - 1];
    if (field === undefined) {
      reader.skip();
      continue;
    }
    reader.expect(lengthWire, field);
    if (field === 'TypeMeta') [apiVersion, kind] = readTypeMeta(reader.message(), apiVersion, kind);
    else if (field === 'Raw') raw = reader.bytes();
    else reader.bytes();
  }
  return { apiVersion, kind, raw };
}

function readTypeMeta(
  reader: WireReader,
  versionBefore: string,
  kindBefore: string,
): [apiVersion: string, kind: string] {
  let apiVersion = versionBefore;
  let kind = kindBefore;
  while (reader.next('TypeMeta')) {
    if (reader.number > 2) {
      reader.skip();
      continue;
    }
    const isVersion = reader.number === 1;
    reader.expect(lengthWire, isVersion ? 'APIVersion' : 'Kind');
    if (isVersion) apiVersion = reader.text();
    else kind = reader.text();
  }
  return [apiVersion, kind];
}
