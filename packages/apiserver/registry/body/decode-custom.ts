import {
  type Decoded,
  type DocumentSource,
  isDocumentFault,
  openDocument,
  unrecognizedDocument,
} from '@coxswain/api';
import {
  apiVersionOf,
  copyJson,
  type GroupVersionKind,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
  type Steps,
} from '@coxswain/machinery';
import type { ApiRequest, RequestBody } from '../context.ts';
import { bodyFormat } from './body-format.ts';
import type { CoercedObject, CustomBehaviour } from './custom.ts';
import { strictWarnings } from './strict-warnings.ts';

/** A body of a custom resource: pruned, with its defaults. The caller may change it. */
export function* decodeCustom(
  request: ApiRequest,
  custom: CustomBehaviour,
  body: RequestBody,
  expected: GroupVersionKind,
): Steps<KubeObject> {
  const validation = request.query['fieldValidation'] ?? '';
  const strict = validation !== 'Ignore';
  const { object, strictErrors } =
    'object' in body ? fromCaller(body.object, expected) : parse(body, expected, strict);
  yield;
  const members = object as Record<string, unknown>;
  const apiVersion = String(members['apiVersion'] ?? '');
  const named = { ...parseApiVersion(apiVersion), kind: String(members['kind']) };
  let coerced: CoercedObject;
  try {
    coerced = yield* custom.coerceInSteps(members, false);
  } catch (error) {
    if ((error as Error).name !== 'DecodeError') throw error;
    throw newBadRequest(`${as(named, expected)}: ${(error as Error).message}`);
  }
  const faults = strict ? [...strictErrors, ...coerced.unknownFields] : [];
  if (faults.length > 0) {
    if (validation === 'Strict') {
      throw newBadRequest(`${as(named, expected)}: strict decoding error: ${faults.join(', ')}`);
    }
    for (const text of strictWarnings(faults)) request.warn(text);
  }
  checkVersion(apiVersion, expected);
  return coerced.object;
}

/** The same for what a patch came to; one that was applied says what it says, nulls too. */
export function* coercePatched(
  custom: CustomBehaviour,
  value: unknown,
  strict: boolean,
  applied: boolean,
): Steps<{ readonly object: KubeObject; readonly strictErrors: readonly string[] }> {
  const { object, unknownFields } = yield* custom.coerceInSteps(value as Record<string, unknown>, applied);
  return { object, strictErrors: strict ? unknownFields : [] };
}

function as({ kind, version }: GroupVersionKind, expected: GroupVersionKind): string {
  return `${kind} in version "${version}" cannot be handled as a ${expected.kind}`;
}

function checkVersion(apiVersion: string, expected: GroupVersionKind): void {
  const { group, version } = parseApiVersion(apiVersion);
  if (group === expected.group && version === expected.version) return;
  throw newBadRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
  );
}

/** In one process the caller's object may come without its kind, as from a typed client. */
function fromCaller(given: unknown, expected: GroupVersionKind): Decoded {
  const object = copyJson(given) as Record<string, unknown>;
  object['apiVersion'] ??= apiVersionOf(expected);
  object['kind'] ??= expected.kind;
  return { object, strictErrors: [] };
}

type BodyBytes = Extract<RequestBody, { bytes: Buffer }>;

function parse(body: BodyBytes, expected: GroupVersionKind, strict: boolean): Decoded {
  const source = opened(body, expected);
  let decoded: Decoded;
  try {
    decoded = source.untyped(strict);
  } catch (error) {
    if (!isDocumentFault(error)) throw error;
    const { apiVersion, kind } = source.meta;
    const named = {
      ...(apiVersion === '' ? expected : parseApiVersion(apiVersion)),
      kind: kind === '' ? expected.kind : kind,
    };
    throw newBadRequest(`${as(named, expected)}: ${error.message}`);
  }
  const kind: unknown = decoded.object?.kind;
  if (typeof kind === 'string' && kind !== '') return decoded;
  throw unrecognizedDocument(body.bytes, expected.kind, `Object 'Kind' is missing in '${body.bytes}'`);
}

function opened({ bytes, contentType }: BodyBytes, expected: GroupVersionKind): DocumentSource {
  const format = bodyFormat(contentType);
  try {
    return openDocument(bytes, format);
  } catch (error) {
    if (!isDocumentFault(error)) throw error;
    throw unrecognizedDocument(bytes, expected.kind, error.message);
  }
}
