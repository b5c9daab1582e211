import {
  convert,
  decodeProtobuf,
  encodeProtobuf,
  findKind,
  isProtobuf,
  storageVersionOf,
  typeOfKind,
} from '@coxswain/api';
import { type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { encodeStored } from './encode.ts';
import { knownObject } from './entry.ts';

/** `--storage-media-type`. */
export type StorageMediaType = 'application/json' | 'application/vnd.kubernetes.protobuf';

const ownHead = /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":$/;
const closeCurly = 0x7d;

/** What values begin with that need not be made anew, as the server itself writes them in the stored version. */
const plainHeads = new Map<string, boolean>();

/** A value as the cache keeps it, in the form in which it is stored; kinds without a protobuf form stay JSON. */
export function toStoredMedia(value: Uint8Array, mediaType: StorageMediaType): Uint8Array {
  if (mediaType === 'application/json') return value;
  const object = knownObject(value) ?? (JSON.parse(textOf(value)) as KubeObject);
  const type = typeOfKind({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  if (type === undefined || type.message === '') return value;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return encodeProtobuf({ ...object, metadata }, type);
}

/** A stored value, whoever wrote it in whatever form, as the cache keeps it: JSON in the server's stored version. */
export function fromStoredMedia(value: Uint8Array): Uint8Array {
  if (isProtobuf(value)) return encodeStored(inStoredVersion(decodeProtobuf(value)));
  if (isPlain(value)) return value;
  return encodeStored(inStoredVersion(JSON.parse(textOf(value)) as KubeObject));
}

/** The server's own JSON begins with kind, apiVersion and metadata; other writers order members otherwise. */
function isPlain(value: Uint8Array): boolean {
  if (value[value.length - 1] !== closeCurly) return false;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const head = bytes.toString('latin1', 0, bytes.indexOf('{', 1));
  let plain = plainHeads.get(head);
  if (plain === undefined) {
    // Only heads of this form are remembered: there is one for each kind and version.
    if (!ownHead.test(head)) return false;
    plain = isStoredVersion(JSON.parse(`${head}null}`) as KubeObject);
    plainHeads.set(head, plain);
  }
  return plain;
}

function storedVersionOf(object: KubeObject): string | undefined {
  const gvk = { ...parseApiVersion(object.apiVersion), kind: object.kind };
  const fact = findKind(gvk);
  const stored = fact && storageVersionOf({ group: fact.group, resource: fact.resource });
  if (stored === undefined) return undefined;
  return stored.group === '' ? stored.version : `${stored.group}/${stored.version}`;
}

function isStoredVersion(object: KubeObject): boolean {
  return (storedVersionOf(object) ?? object.apiVersion) === object.apiVersion;
}

function inStoredVersion(object: KubeObject): KubeObject {
  const version = storedVersionOf(object);
  return version === undefined ? object : convert(object, version);
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}
