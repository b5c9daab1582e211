import {
  apiVersionOf,
  type GroupVersionKind,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
  type StatusError,
} from '@coxswain/machinery';
import { typeOfKind } from '../facts.ts';
import { decodeProtobuf } from '../protobuf/envelope.ts';
import { type Decoded, decodeJson, decodeValue, textOf } from './decode-json.ts';
import { readTypeMeta, type TypeMeta, typeMetaOf } from './type-meta.ts';
import { parseYaml } from './yaml-parser.ts';

export type DocumentFormat = 'json' | 'yaml' | 'protobuf';

export interface DocumentOptions {
  readonly format: DocumentFormat;
  /** What the path takes: stands in for what the document leaves out. */
  readonly into: GroupVersionKind;
  readonly strict: boolean;
}

export interface DecodedDocument {
  /** With apiVersion and kind filled in. May be in another version of its kind than was asked for. */
  readonly object: KubeObject;
  readonly kind: GroupVersionKind;
  readonly strictErrors: string[];
}

/** A document of a kind that is not registered, or that is not the one to be had. */
class KindError extends Error {
  override readonly name = 'KindError';
  readonly code = 'ERR_KIND';
}

/** Faults of the document; any other error is ours. */
const faults = new Set([
  'DecodeError',
  'JsonSyntaxError',
  'KindError',
  'ProtobufError',
  'TypeMetaError',
  'YamlSyntaxError',
]);

/** Bytes of a broken body that an error shows. */
const summaryLength = 30;

/**
 * Decodes a request body into the kind that a path takes, as upstream's codec does: the document's own kind is
 * looked up and decoded, and only then held against the kind that was asked for.
 *
 * @throws StatusError BadRequest with upstream's text
 */
export function decodeDocument(bytes: Uint8Array, options: DocumentOptions): DecodedDocument {
  const { into, format } = options;
  let found: GroupVersionKind | undefined;
  try {
    const source = open(bytes, format);
    const kind = withDefaults(source.meta, into);
    found = kind;
    const decoded = source.decode(kind, options.strict);
    checkConvertible(kind, into);
    const object = decoded.object as KubeObject;
    object.apiVersion = apiVersionOf(kind);
    object.kind = kind.kind;
    return { object, kind, strictErrors: decoded.strictErrors };
  } catch (cause) {
    if (!(cause instanceof Error) || !faults.has(cause.name)) throw cause;
    throw undecodable(bytes, into, found, cause);
  }
}

/** The error for a document whose strict errors are to be refused. */
export function strictDecodingError(
  document: Pick<DecodedDocument, 'kind' | 'strictErrors'>,
  into: GroupVersionKind,
): StatusError {
  return cannotHandle(document.kind, into, `strict decoding error: ${document.strictErrors.join(', ')}`);
}

interface Source {
  readonly meta: TypeMeta;
  decode(kind: GroupVersionKind, strict: boolean): Decoded;
}

function open(bytes: Uint8Array, format: DocumentFormat): Source {
  if (format === 'protobuf') {
    const object = decodeProtobuf(bytes);
    return { meta: object, decode: () => ({ object, strictErrors: [] }) };
  }
  const text = textOf(bytes);
  if (format === 'json') {
    return {
      meta: readTypeMeta(text),
      decode: (kind, strict) => decodeJson(text, registered(kind), { strict }),
    };
  }
  const { value, duplicates } = parseYaml(text);
  return {
    meta: typeMetaOf(value),
    decode: (kind, strict) => {
      const decoded = decodeValue(value, registered(kind), { strict });
      const repeated = strict && duplicates !== '' ? [duplicates] : [];
      return { object: decoded.object, strictErrors: [...repeated, ...decoded.strictErrors] };
    },
  };
}

function withDefaults(meta: TypeMeta, into: GroupVersionKind): GroupVersionKind {
  const kind = meta.kind === '' ? into.kind : meta.kind;
  const { group, version } = meta.apiVersion === '' ? into : parseApiVersion(meta.apiVersion);
  return { group, version: version === '' && group === into.group ? into.version : version, kind };
}

function registered(kind: GroupVersionKind): NonNullable<ReturnType<typeof typeOfKind>> {
  const type = typeOfKind(kind);
  if (type === undefined) {
    throw new KindError(
      `no kind "${kind.kind}" is registered for version "${apiVersionOf(kind)}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  return type;
}

/** Kinds convert within their group; Events live in two. */
function checkConvertible(kind: GroupVersionKind, into: GroupVersionKind): void {
  const isEvent = kind.kind === 'Event' && into.kind === 'Event';
  if (kind.kind === into.kind && (kind.group === into.group || isEvent)) return;
  throw new KindError(
    `converting (${kind.version}.${kind.kind}) to (${internalPackage(into.group)}.${into.kind}): unknown conversion`,
  );
}

/** The name of upstream's internal Go package of a group. */
function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] as string);
}

function undecodable(
  bytes: Uint8Array,
  into: GroupVersionKind,
  found: GroupVersionKind | undefined,
  cause: Error,
): StatusError {
  if (found !== undefined) return cannotHandle(found, into, cause.message);
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${into.kind}): ${cause.message} (${summarize(bytes)})`,
  );
}

function cannotHandle(kind: GroupVersionKind, into: GroupVersionKind, message: string): StatusError {
  return newBadRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${into.kind}: ${message}`,
  );
}

function summarize(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const head = Buffer.from(bytes.subarray(0, summaryLength)).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > summaryLength ? `${head} ...` : head;
}
