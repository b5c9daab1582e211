import {
  apiVersionOf,
  finish,
  type GroupVersionKind,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
  type StatusError,
  type Steps,
  type TypeFact,
} from '@coxswain/machinery';
import { typeOfKind } from '../facts.ts';
import { type DocumentFormat, type DocumentSource, openDocument, valueSource } from './document-source.ts';
import { isRegistered } from './registered-kinds.ts';
import { isRetired } from './retired-kinds.ts';
import { internalPackage, notRegistered, schemeOf } from './schemes.ts';
import type { TypeMeta } from './type-meta.ts';

export interface DocumentOptions {
  readonly format: DocumentFormat;
  /** What the path takes: stands in for what the document leaves out. */
  readonly into: GroupVersionKind;
  /** Versions that are no longer served and read as the one that is, by kind. */
  readonly aliases?: ReadonlyMap<string, string>;
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
  return finish(decodeDocumentInSteps(bytes, options));
}

/** The same in steps, for large documents. */
export function* decodeDocumentInSteps(bytes: Uint8Array, options: DocumentOptions): Steps<DecodedDocument> {
  const { into, format } = options;
  let found: GroupVersionKind | undefined;
  try {
    const source = openDocument(bytes, format);
    found = withDefaults(source.meta, into);
    if (options.aliases?.get(found.kind) === apiVersionOf(found)) found = into;
    yield;
    return decodeSource(source, found, options);
  } catch (cause) {
    if (!isDocumentFault(cause)) throw cause;
    throw undecodable(bytes, into, found, cause);
  }
}

/**
 * The same of a document that is parsed already, such as a patched object.
 *
 * @throws DecodeError, TypeMetaError, KindError with upstream's text
 */
export function decodeParsedDocument(
  value: unknown,
  options: Pick<DocumentOptions, 'into' | 'strict'>,
): DecodedDocument {
  const source = valueSource(value);
  const kind = withDefaults(source.meta, options.into);
  // What a patch makes of an object is read as the version that is asked for, if it may call itself so.
  return decodeSource(source, isOlder(kind, options.into) ? options.into : kind, options);
}

function decodeSource(
  source: DocumentSource,
  kind: GroupVersionKind,
  { into, strict }: Pick<DocumentOptions, 'into' | 'strict'>,
): DecodedDocument {
  const decoded = source.decode(registered(isOlder(kind, into) ? into : kind, into), strict);
  checkConvertible(kind, into);
  return { object: named(decoded.object, kind), kind, strictErrors: decoded.strictErrors };
}

/** The object with its kind and version, which Go writes first. */
function named(object: KubeObject, kind: GroupVersionKind): KubeObject {
  const apiVersion = apiVersionOf(kind);
  if (object.kind === kind.kind && object.apiVersion === apiVersion) return object;
  const { kind: _, apiVersion: __, ...rest } = object;
  return { kind: kind.kind, apiVersion, ...rest };
}

/** Whether something thrown is the fault of a document, and its message one to be told. */
export function isDocumentFault(error: unknown): error is Error {
  return error instanceof Error && faults.has(error.name);
}

/**
 * Whether a document of a kind is one that a path takes, whatever its version.
 *
 * @throws StatusError BadRequest with upstream's text where it is not
 */
export function checkDocumentKind(kind: GroupVersionKind, into: GroupVersionKind): void {
  try {
    registered(isOlder(kind, into) ? into : kind, into);
    checkConvertible(kind, into);
  } catch (cause) {
    throw cause instanceof KindError ? cannotHandle(kind, into, cause.message) : cause;
  }
}

/** The error for a document whose strict errors are to be refused. */
export function strictDecodingError(
  document: Pick<DecodedDocument, 'kind' | 'strictErrors'>,
  into: GroupVersionKind,
): StatusError {
  return cannotHandle(document.kind, into, `strict decoding error: ${document.strictErrors.join(', ')}`);
}

function withDefaults(meta: TypeMeta, into: GroupVersionKind): GroupVersionKind {
  const kind = meta.kind === '' ? into.kind : meta.kind;
  const { group, version } = meta.apiVersion === '' ? into : parseApiVersion(meta.apiVersion);
  return { group, version: version === '' && group === into.group ? into.version : version, kind };
}

function registered(kind: GroupVersionKind, into: GroupVersionKind): TypeFact {
  const type = typeOfKind(kind);
  const scheme = schemeOf(into.group);
  if (type !== undefined && schemeOf(kind.group) === scheme) return type;
  throw isRegistered(kind, scheme) ? notConvertible(kind, into) : new KindError(notRegistered(kind, scheme));
}

/** Whether a kind is the one that is asked for, in a version that is only read. */
function isOlder(kind: GroupVersionKind, into: GroupVersionKind): boolean {
  return isRetired(kind) && isConvertible(kind, into);
}

/** Kinds convert within their group; Events live in two. */
function isConvertible(kind: GroupVersionKind, into: GroupVersionKind): boolean {
  const isEvent = kind.kind === 'Event' && into.kind === 'Event';
  return kind.kind === into.kind && (kind.group === into.group || isEvent);
}

function checkConvertible(kind: GroupVersionKind, into: GroupVersionKind): void {
  if (!isConvertible(kind, into)) throw notConvertible(kind, into);
}

function notConvertible(kind: GroupVersionKind, into: GroupVersionKind): KindError {
  return new KindError(
    `converting (${kind.version}.${kind.kind}) to (${internalPackage(into.group)}.${into.kind}): unknown conversion`,
  );
}

function undecodable(
  bytes: Uint8Array,
  into: GroupVersionKind,
  found: GroupVersionKind | undefined,
  cause: Error,
): StatusError {
  if (found !== undefined) return cannotHandle(found, into, cause.message);
  return unrecognizedDocument(bytes, into.kind, cause.message);
}

/** The error for bytes of which not even the kind can be told. */
export function unrecognizedDocument(bytes: Uint8Array, kind: string, message: string): StatusError {
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${message} (${summarize(bytes)})`,
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
