import {
  type FieldError,
  FieldPath,
  invalid,
  isDNS1123Label,
  isDNS1123Subdomain,
  required,
} from '@coxswain/machinery';
import { aggregate } from '../../../config-file/config-file-error.ts';
import { TransformError } from '../transformer.ts';

/** What the secret of an encrypted object is for. */
export const dekSourceTypes = {
  /** The key itself. */
  aesGcmKey: 0,
  /** What a key is derived from for every value (HKDF-SHA256, extended nonce). */
  seed: 1,
} as const;

/** The message in which upstream stores values that were encrypted with the help of a KMS. */
export interface EncryptedObject {
  readonly encryptedData: Uint8Array;
  readonly keyId: string;
  readonly encryptedDekSource: Uint8Array;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
  readonly dekSourceType: number;
}

const fields = { data: 1, keyId: 2, dekSource: 3, annotations: 4, dekSourceType: 5 } as const;
const bytesWire = 2;
const varintWire = 0;

/** Encodes to protobuf, members in the order of their numbers and annotations by name, as upstream's encoder does. */
export function encodeEncryptedObject(object: EncryptedObject): Buffer {
  const parts: Uint8Array[] = [];
  const put = (field: number, bytes: Uint8Array): void => {
    if (bytes.length > 0) parts.push(bytesField(field, bytes));
  };
  put(fields.data, object.encryptedData);
  put(fields.keyId, Buffer.from(object.keyId));
  put(fields.dekSource, object.encryptedDekSource);
  for (const name of Object.keys(object.annotations).sort()) {
    const value = object.annotations[name] as Uint8Array;
    put(fields.annotations, Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, value)]));
  }
  if (object.dekSourceType !== 0) {
    parts.push(Buffer.from([(fields.dekSourceType << 3) | varintWire, object.dekSourceType]));
  }
  return Buffer.concat(parts);
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | bytesWire]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) out.push((left % 0x80) | 0x80);
  out.push(left);
  return Buffer.from(out);
}

/** @throws TransformError where it is none */
export function decodeEncryptedObject(bytes: Uint8Array): EncryptedObject {
  const annotations: Record<string, Uint8Array> = {};
  const object = {
    keyId: '',
    dekSourceType: 0,
    encryptedData: empty as Uint8Array,
    encryptedDekSource: empty as Uint8Array,
  };
  for (const { field, value } of readFields(bytes)) {
    if (field === fields.dekSourceType && typeof value === 'number') object.dekSourceType = value;
    if (typeof value === 'number') continue;
    if (field === fields.data) object.encryptedData = value;
    else if (field === fields.keyId) object.keyId = Buffer.from(value).toString('utf8');
    else if (field === fields.dekSource) object.encryptedDekSource = value;
    else if (field === fields.annotations) {
      let [name, content]: [string, Uint8Array] = ['', empty];
      for (const entry of readFields(value)) {
        if (typeof entry.value === 'number') continue;
        if (entry.field === 1) name = Buffer.from(entry.value).toString('utf8');
        else if (entry.field === 2) content = entry.value;
      }
      annotations[name] = content;
    }
  }
  const read = { ...object, annotations };
  const fault = objectFault(read);
  if (fault !== undefined) throw new TransformError(fault);
  return read;
}

/** Upstream's bounds, bytes. */
const [longestKeyId, largestSecret, largestAnnotations] = [1024, 1024, 32 * 1024];

/** Why a key id is none. */
export function keyIdFault(keyId: string): string | undefined {
  if (keyId === '') return 'keyID is empty';
  const length = Buffer.byteLength(keyId);
  return length > longestKeyId
    ? `keyID is ${length} bytes, which exceeds the max size of ${longestKeyId}`
    : undefined;
}

/** What is wrong with what a plugin encrypted. */
export function secretFault({
  encryptedDekSource: { length },
  keyId,
  annotations,
}: Pick<EncryptedObject, 'encryptedDekSource' | 'keyId' | 'annotations'>): string | undefined {
  if (length === 0) return 'failed to validate encrypted DEK source: encrypted DEK source is empty';
  if (length > largestSecret) {
    return `failed to validate encrypted DEK source: encrypted DEK source is ${length} bytes, which exceeds the max size of ${largestSecret}`;
  }
  const fault = keyIdFault(keyId);
  if (fault !== undefined) return `failed to validate key id: ${fault}`;
  const texts = annotationFaults(annotations);
  return texts.length === 0 ? undefined : `failed to validate annotations: ${aggregate(texts)}`;
}

function annotationFaults(annotations: EncryptedObject['annotations']): readonly string[] {
  const path = FieldPath.root('annotations');
  let size = 0;
  const faults = Object.entries(annotations).flatMap(([name, value]) => {
    size += Buffer.byteLength(name) + value.length;
    const found = domainNameFaults(path, name).map(({ field, message }) => `${field}: ${message}`);
    return found.length === 0 ? [] : [aggregate(found)];
  });
  if (size <= largestAnnotations) return faults;
  const text = `total size of annotations is ${size}, which exceeds the max size of ${largestAnnotations}`;
  return [...faults, text];
}

/** A name of several labels, each one DNS's. */
function domainNameFaults(path: FieldPath, name: string): readonly FieldError[] {
  if (name === '') return [required(path)];
  const found = isDNS1123Subdomain(name);
  if (found.length > 0) return found.map((text) => invalid(path, name, text));
  const labels = name.split('.');
  if (labels.length < 2)
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  return labels.flatMap((label) => isDNS1123Label(label).map((text) => invalid(path, label, text)));
}

function objectFault(object: EncryptedObject): string | undefined {
  const { dekSourceType, encryptedData } = object;
  if (dekSourceType !== dekSourceTypes.aesGcmKey && dekSourceType !== dekSourceTypes.seed) {
    return `unknown encryptedDEKSourceType: ${dekSourceType}`;
  }
  if (encryptedData.length === 0) return 'encrypted data is empty';
  return secretFault(object);
}

const empty = new Uint8Array();

function* readFields(
  bytes: Uint8Array,
): Generator<{ readonly field: number; readonly value: Uint8Array | number }> {
  let at = 0;
  const next = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 42) throw broken();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const field = Math.floor(tag / 8);
    if (tag % 8 === varintWire) {
      yield { field, value: next() };
      continue;
    }
    if (tag % 8 !== bytesWire) throw broken();
    const length = next();
    if (at + length > bytes.length) throw broken();
    yield { field, value: bytes.subarray(at, at + length) };
    at += length;
  }
}

function broken(): TransformError {
  return new TransformError('proto: cannot parse invalid wire-format data');
}
