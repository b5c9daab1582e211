import {
  applyDefaults,
  decodeJson,
  decodeProtobuf,
  decodeValue,
  decodeYaml,
  findKind,
  typeOfKind,
} from '@coxswain/api';
import {
  apiVersionOf,
  type GroupVersionKind,
  type KubeObject,
  newBadRequest,
  newUnsupportedMediaType,
  parseApiVersion,
  type TypeFact,
} from '@coxswain/machinery';
import type { ApiRequest, RequestBody } from './context.ts';
import { decodeCustom } from './decode-custom.ts';

/** What a request may carry. */
const acceptedTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
/** Bytes of a broken body that an error shows. */
const summaryLength = 30;

/** A decoded body: of the kind that was expected, with its defaults. The caller may change it. */
export function decodeObject(request: ApiRequest, expected: GroupVersionKind, type: TypeFact): KubeObject {
  const object = decodeBody(request, expected, type);
  request.audit?.requestObject(object);
  return object;
}

function decodeBody(request: ApiRequest, expected: GroupVersionKind, type: TypeFact): KubeObject {
  const body = request.body ?? { bytes: Buffer.alloc(0), contentType: '' };
  const { custom, fact } = request.resource;
  if (custom !== undefined && type === fact.type) return decodeCustom(request, custom, body, expected);
  const object =
    'object' in body ? fromCaller(body.object, expected, type) : decodeBytes(request, body, expected, type);
  applyDefaults(object, findKind(expected) ?? type);
  return object;
}

function fromCaller(value: unknown, expected: GroupVersionKind, type: TypeFact): KubeObject {
  const object = decodeValue(value, type, { strict: false }).object as KubeObject;
  object.apiVersion ??= apiVersionOf(expected);
  object.kind ??= expected.kind;
  object.metadata ??= {};
  checkKind(object, expected, []);
  return object;
}

function decodeBytes(
  request: ApiRequest,
  body: Extract<RequestBody, { bytes: Buffer }>,
  expected: GroupVersionKind,
  type: TypeFact,
): KubeObject {
  const mediaType = mediaTypeOf(body.contentType);
  const validation = request.query['fieldValidation'] ?? '';
  const strict = validation !== 'Ignore';
  let decoded: { object: KubeObject; strictErrors: readonly string[] };
  try {
    if (mediaType === '' || mediaType === 'application/json') {
      decoded = decodeJson(body.bytes, type, { strict });
    } else if (mediaType === 'application/yaml') {
      decoded = decodeYaml(body.bytes, type, { strict });
    } else if (mediaType === 'application/vnd.kubernetes.protobuf') {
      decoded = { object: decodeProtobuf(body.bytes, type) as KubeObject, strictErrors: [] };
    } else {
      throw unsupportedMediaType();
    }
  } catch (error) {
    if ((error as Error).name === 'StatusError') throw error;
    throw decodeError(body.bytes, mediaType, expected, (error as Error).message);
  }
  const { object, strictErrors } = decoded;
  object.apiVersion = (object.apiVersion ?? '') === '' ? apiVersionOf(expected) : object.apiVersion;
  object.kind = (object.kind ?? '') === '' ? expected.kind : object.kind;
  checkKind(object, expected, body.bytes);
  object.metadata ??= {};
  if (strictErrors.length > 0) {
    if (validation === 'Strict') {
      throw newBadRequest(
        `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ` +
          `strict decoding error: ${strictErrors.join(', ')}`,
      );
    }
    if (strict) for (const text of strictErrors) request.warn(text);
  }
  return object;
}

/** The media type of a Content-Type header without its parameters. */
export function mediaTypeOf(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

function unsupportedMediaType(): Error {
  return newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${acceptedTypes}`,
  );
}

/** Says in upstream's words why bytes are not an object of the expected kind. */
function decodeError(bytes: Buffer, mediaType: string, expected: GroupVersionKind, message: string): Error {
  const found = kindOf(bytes, mediaType);
  if (found === undefined) {
    if (mediaType !== 'application/yaml') message = kindProbeText(bytes) ?? message;
    const detail =
      mediaType === 'application/yaml' || message.startsWith("couldn't get version/kind")
        ? message
        : `couldn't get version/kind; json parse error: ${message}`;
    return newBadRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${detail} (${summarize(bytes)})`,
    );
  }
  const kind = found.kind === '' ? expected.kind : found.kind;
  const { version } = found.apiVersion === '' ? expected : parseApiVersion(found.apiVersion);
  if (kind !== expected.kind) {
    try {
      checkKind({ apiVersion: found.apiVersion, kind, metadata: {} }, expected, bytes);
    } catch (error) {
      return error as Error;
    }
  }
  return newBadRequest(`${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${message}`);
}

function kindOf(bytes: Buffer, mediaType: string): { apiVersion: string; kind: string } | undefined {
  let value: unknown;
  try {
    value = mediaType === 'application/yaml' ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (mediaType === 'application/yaml') return kindOfYaml(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { apiVersion = '', kind = '' } = value as { apiVersion?: unknown; kind?: unknown };
  return typeof apiVersion === 'string' && typeof kind === 'string' ? { apiVersion, kind } : undefined;
}

/** Upstream reads apiVersion and kind first, into a struct of its own. */
const kindProbe =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Go's words for a JSON document that is no object, or whose apiVersion or kind is no string. */
function kindProbeText(bytes: Buffer): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  const typeOf = (v: unknown): string =>
    Array.isArray(v) ? 'array' : typeof v === 'boolean' ? 'bool' : typeof v;
  if (typeof value !== 'object' || Array.isArray(value)) {
    return `json: cannot unmarshal ${typeOf(value)} into Go value of type ${kindProbe}`;
  }
  for (const field of ['apiVersion', 'kind']) {
    const member = (value as Record<string, unknown> | null)?.[field];
    if (member !== undefined && member !== null && typeof member !== 'string') {
      return `json: cannot unmarshal ${typeOf(member)} into Go struct field .${field} of type string`;
    }
  }
  return undefined;
}

function kindOfYaml(text: string): { apiVersion: string; kind: string } | undefined {
  try {
    decodeYaml(text, undefined, { strict: false });
  } catch {
    // Not even YAML: there is no kind to name.
    return undefined;
  }
  const member = (name: string): string =>
    text.match(new RegExp(`^${name}:\\s*["']?([^"'\\s]+)`, 'm'))?.[1] ?? '';
  return { apiVersion: member('apiVersion'), kind: member('kind') };
}

/** Older versions of a kind that are no longer served and yet taken: kubectl before 1.22 evicts with this one. */
const stillTaken: ReadonlyMap<string, string> = new Map([['Eviction', 'policy/v1beta1']]);

/** The object must be of the kind the path takes. */
function checkKind(object: KubeObject, expected: GroupVersionKind, _bytes: unknown): void {
  const { group, version } = parseApiVersion(object.apiVersion);
  if (object.kind === expected.kind && group === expected.group && version === expected.version) return;
  if (object.kind === expected.kind && object.apiVersion === stillTaken.get(expected.kind)) {
    object.apiVersion = apiVersionOf(expected);
    return;
  }
  const as = `${object.kind} in version "${version}" cannot be handled as a ${expected.kind}`;
  if (typeOfKind({ group, version, kind: object.kind }) === undefined) {
    throw newBadRequest(
      `${as}: no kind "${object.kind}" is registered for version "${object.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  if (object.kind === expected.kind && group === expected.group) {
    throw newBadRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
    );
  }
  throw newBadRequest(
    `${as}: converting (${version}.${object.kind}) to (${internalPackage(expected.group)}.${expected.kind}): unknown conversion`,
  );
}

/** The name of upstream's internal Go package of a group. */
function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] as string);
}

function summarize(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  if (bytes[0] === 0x7b) {
    const text = bytes.toString('utf8');
    return text.length > summaryLength ? `${text.slice(0, summaryLength)} ...` : text;
  }
  const hex = bytes.toString('hex');
  return hex.length > summaryLength ? `${hex.slice(0, summaryLength)} ...` : hex;
}
