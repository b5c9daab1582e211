import { decodeYaml, duplicateFields, JsonSyntaxError, parseJson } from '@coxswain/api';
import {
  apiVersionOf,
  type GroupVersionKind,
  type KubeObject,
  newBadRequest,
  newUnsupportedMediaType,
  parseApiVersion,
} from '@coxswain/machinery';
import type { ApiRequest, RequestBody } from './context.ts';
import type { CustomBehaviour } from './custom.ts';

const acceptedTypes = 'application/json, application/yaml';

/** A body of a custom resource: pruned, with its defaults. The caller may change it. */
export function decodeCustom(
  request: ApiRequest,
  custom: CustomBehaviour,
  body: RequestBody,
  expected: GroupVersionKind,
): KubeObject {
  const validation = request.query['fieldValidation'] ?? '';
  const strict = validation !== 'Ignore';
  const { value, duplicates } = 'object' in body ? fromCaller(body.object) : parse(body, expected, strict);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw newBadRequest(`${as(expected)}: json: cannot unmarshal ${typeof value} into Go value`);
  }
  const members = value as Record<string, unknown>;
  // In one process the caller's object may come without its kind, as from a typed client.
  if ('object' in body) {
    members['apiVersion'] ??= apiVersionOf(expected);
    members['kind'] ??= expected.kind;
  }
  if ((members['kind'] ?? '') === '') {
    throw newBadRequest(`${as(expected)}: Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  }
  checkVersion(String(members['apiVersion'] ?? ''), expected);
  let coerced: ReturnType<CustomBehaviour['coerce']>;
  try {
    coerced = custom.coerce(members);
  } catch (error) {
    if ((error as Error).name !== 'DecodeError') throw error;
    throw newBadRequest(`${as(expected)}: ${(error as Error).message}`);
  }
  const faults = strict ? [...duplicates, ...coerced.unknownFields] : [];
  if (faults.length > 0) {
    if (validation === 'Strict') {
      throw newBadRequest(`${as(expected)}: strict decoding error: ${faults.join(', ')}`);
    }
    for (const text of faults) request.warn(text);
  }
  return coerced.object;
}

/** The same for what a patch came to. */
export function coercePatched(
  custom: CustomBehaviour,
  value: unknown,
  strict: boolean,
): { readonly object: KubeObject; readonly strictErrors: readonly string[] } {
  const { object, unknownFields } = custom.coerce(value as Record<string, unknown>);
  return { object, strictErrors: strict ? unknownFields : [] };
}

function as(expected: GroupVersionKind): string {
  return `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}`;
}

function checkVersion(apiVersion: string, expected: GroupVersionKind): void {
  const { group, version } = parseApiVersion(apiVersion);
  if (group === expected.group && version === expected.version) return;
  throw newBadRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
  );
}

interface Parsed {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

function fromCaller(object: unknown): Parsed {
  return { value: structuredClone(object), duplicates: [] };
}

function parse(
  body: Extract<RequestBody, { bytes: Buffer }>,
  expected: GroupVersionKind,
  strict: boolean,
): Parsed {
  const mediaType = body.contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  try {
    if (mediaType === '' || mediaType === 'application/json') {
      const value = parseJson(body.bytes.toString('utf8'));
      return { value, duplicates: strict ? duplicateFields(body.bytes) : [] };
    }
    if (mediaType === 'application/yaml') {
      const { object, strictErrors } = decodeYaml(body.bytes, undefined, { strict });
      return { value: object, duplicates: strictErrors };
    }
  } catch (error) {
    throw newBadRequest(`${as(expected)}: ${syntaxText(body.bytes, error as Error)}`);
  }
  throw newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${acceptedTypes}`,
  );
}

/** Go's words for broken JSON. */
function syntaxText(bytes: Buffer, fault: Error): string {
  if (!(fault instanceof SyntaxError)) return fault.message;
  try {
    duplicateFields(bytes);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  return fault.message;
}
