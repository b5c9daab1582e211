import {
  convert,
  decodeProtobuf,
  encodeProtobuf,
  findKind,
  isProtobuf,
  storageVersionOf,
  typeOfKind,
} from '@coxswain/api';
import { type KubeObject, parseApiVersion, readJson, type TypeFact } from '@coxswain/machinery';
import { encodeStored } from '../encode.ts';
import { knownObject } from '../entry.ts';
import { inStoredOrder } from '../member-order.ts';
import {
  definitionFromStored,
  definitionToStored,
  isServedDefinition,
  isStoredDefinition,
} from '../stored-definition.ts';

/** `--storage-media-type`. */
export type StorageMediaType = 'application/json' | 'application/vnd.kubernetes.protobuf';

/** Groups of servers of their own within upstream's, which store JSON whatever the media type. */
const storedAsJson: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** How objects of a kind and version are stored. */
interface StoredForm {
  /** The cache keeps JSON of this kind and version as it is. */
  readonly kept: boolean;
  /** The type of the protobuf message; undefined for what is JSON in any store. */
  readonly message: TypeFact | undefined;
  /** What is stored differs from what is kept in more than the encoding. */
  readonly reshaped: boolean;
}

type Named = Pick<KubeObject, 'kind' | 'apiVersion'>;

const ownHead = /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":$/;
const closeCurly = 0x7d;

/** The forms of values as the server itself writes them, by what they begin with. */
const forms = new Map<string, StoredForm>();

/** A value as the cache keeps it, in the form in which it is stored; kinds without a protobuf form stay JSON. */
export function toStoredMedia(value: Uint8Array, mediaType: StorageMediaType): Uint8Array {
  const form = ownFormOf(value) ?? formOf(parse(value));
  if (form.reshaped) return encodeStored(definitionToStored(objectOf(value)));
  if (mediaType === 'application/json' || form.message === undefined) return value;
  const object = objectOf(value);
  const { resourceVersion: _, ...metadata } = object.metadata;
  return encodeProtobuf({ ...object, metadata }, form.message);
}

/** A stored value, whoever wrote it in whatever form, as the cache keeps it: JSON in the server's stored version. */
export function fromStoredMedia(value: Uint8Array): Uint8Array {
  if (isProtobuf(value)) return encodeStored(inStoredOrder(asKept(decodeProtobuf(value))));
  return ownFormOf(value)?.kept === true ? value : encodeStored(inStoredOrder(asKept(parse(value))));
}

/** The type of the message in which objects of a kind are stored in protobuf; undefined: they are stored as JSON. */
export function storedMessageOf({ kind, apiVersion }: Named): TypeFact | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  if (storedAsJson.has(group)) return undefined;
  const type = typeOfKind({ group, version, kind });
  return type?.message === '' ? undefined : type;
}

/** The form of what the server itself wrote: it begins with kind, apiVersion and metadata, others order otherwise. */
function ownFormOf(value: Uint8Array): StoredForm | undefined {
  if (value[value.length - 1] !== closeCurly) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const head = bytes.toString('latin1', 0, bytes.indexOf('{', 1));
  let form = forms.get(head);
  if (form === undefined) {
    // Only heads of this form are remembered: there is one for each kind and version.
    if (!ownHead.test(head)) return undefined;
    form = formOf(JSON.parse(`${head}null}`) as KubeObject);
    forms.set(head, form);
  }
  return form;
}

function formOf(object: Named): StoredForm {
  return {
    kept: !isStoredDefinition(object) && (keptVersionOf(object) ?? object.apiVersion) === object.apiVersion,
    message: storedMessageOf(object),
    reshaped: isServedDefinition(object),
  };
}

function keptVersionOf(object: Named): string | undefined {
  const gvk = { ...parseApiVersion(object.apiVersion), kind: object.kind };
  const fact = findKind(gvk);
  const stored = fact && storageVersionOf({ group: fact.group, resource: fact.resource });
  if (stored === undefined) return undefined;
  return stored.group === '' ? stored.version : `${stored.group}/${stored.version}`;
}

function asKept(object: KubeObject): KubeObject {
  if (isStoredDefinition(object)) return definitionFromStored(object);
  const version = keptVersionOf(object);
  return version === undefined ? object : convert(object, version);
}

function objectOf(value: Uint8Array): KubeObject {
  return knownObject(value) ?? parse(value);
}

function parse(value: Uint8Array): KubeObject {
  return readJson(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'));
}
