import {
  applyDefaults,
  checkDocumentKind,
  decodeDocumentInSteps,
  decodeValue,
  findKind,
  strictDecodingError,
} from '@coxswain/api';
import {
  apiVersionOf,
  finish,
  type GroupVersionKind,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
  type Steps,
  type TypeFact,
} from '@coxswain/machinery';
import type { ApiRequest, RequestBody } from '../context.ts';
import { bodyFormat } from './body-format.ts';
import type { CustomBehaviour } from './custom.ts';
import { decodeCustom } from './decode-custom.ts';
import { strictWarnings } from './strict-warnings.ts';

const noBody: RequestBody = { bytes: Buffer.alloc(0), contentType: '' };

/** A decoded body: of the kind that was expected, with its defaults. The caller may change it. */
export function decodeObject(request: ApiRequest, expected: GroupVersionKind, type: TypeFact): KubeObject {
  return finish(decodeObjectInSteps(request, expected, type));
}

/** The same in steps, for large bodies. */
export function* decodeObjectInSteps(
  request: ApiRequest,
  expected: GroupVersionKind,
  type: TypeFact,
): Steps<KubeObject> {
  const object = yield* decodeBody(request, expected, type);
  if (request.audit !== undefined) {
    yield;
    request.audit.requestObject(object, customOf(request, type) !== undefined);
  }
  return object;
}

function* decodeBody(request: ApiRequest, expected: GroupVersionKind, type: TypeFact): Steps<KubeObject> {
  const body = request.body ?? noBody;
  const custom = customOf(request, type);
  if (custom !== undefined) return yield* decodeCustom(request, custom, body, expected);
  const object =
    'object' in body ? fromCaller(body.object, expected, type) : yield* decodeBytes(request, body, expected);
  applyDefaults(object, findKind(expected) ?? type);
  return object;
}

/** Of a custom resource itself, not of the options of its deletion, say. */
function customOf({ resource }: ApiRequest, type: TypeFact): CustomBehaviour | undefined {
  return type === resource.fact.type ? resource.custom : undefined;
}

function fromCaller(value: unknown, expected: GroupVersionKind, type: TypeFact): KubeObject {
  const object = decodeValue(value, type, { strict: false }).object as KubeObject;
  object.apiVersion ??= apiVersionOf(expected);
  object.kind ??= expected.kind;
  object.metadata ??= {};
  checkDocumentKind({ ...parseApiVersion(object.apiVersion), kind: object.kind }, expected);
  checkVersion(object, expected);
  return object;
}

function* decodeBytes(
  request: ApiRequest,
  body: Extract<RequestBody, { bytes: Buffer }>,
  expected: GroupVersionKind,
): Steps<KubeObject> {
  const validation = request.query['fieldValidation'] ?? '';
  const decoded = yield* decodeDocumentInSteps(body.bytes, {
    format: bodyFormat(body.contentType),
    into: expected,
    aliases: stillTaken,
    strict: validation !== 'Ignore',
  });
  const { object, strictErrors } = decoded;
  if (strictErrors.length > 0) {
    if (validation === 'Strict') throw strictDecodingError(decoded, expected);
    for (const text of strictWarnings(strictErrors)) request.warn(text);
  }
  checkVersion(object, expected);
  object.metadata ??= {};
  return object;
}

/** Older versions of a kind that are no longer served and yet taken: kubectl before 1.22 evicts with this one. */
const stillTaken: ReadonlyMap<string, string> = new Map([['Eviction', 'policy/v1beta1']]);

function checkVersion(object: KubeObject, expected: GroupVersionKind): void {
  const wanted = apiVersionOf(expected);
  if (object.apiVersion === wanted) return;
  throw newBadRequest(
    `the API version in the data (${object.apiVersion}) does not match the expected API version (${wanted})`,
  );
}
