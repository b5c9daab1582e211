import {
  applyDefaults,
  DecodeError,
  decodeJson,
  decodeValue,
  decodeYaml,
  duplicateFields,
  JsonSyntaxError,
  parseJson,
} from '@coxswain/api';
import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  applyStrategicMergePatch,
  copyJson,
  decodeJsonPatch,
  decodeMergePatch,
  FieldPath,
  goText,
  invalid,
  type KubeObject,
  nestsTooDeep,
  newBadRequest,
  newConflict,
  newInvalid,
  newNotFound,
  PatchError,
  StatusError,
  type TypeFact,
  unstructuredFault,
} from '@coxswain/machinery';
import type { Entry } from '../storage/entry.ts';
import { type ApiRequest, type Outcome, plainError, type RegistryContext } from './context.ts';
import { ensureNamespace } from './create.ts';
import { coercePatched } from './decode-custom.ts';
import { writeContext } from './managed-fields.ts';
import { boolean, validateWriteOptions } from './options.ts';
import { checkName, objectStrategy, type UpdateStrategy, updateWith } from './update.ts';
import { fromStored, toStored } from './versions.ts';

/** What a patch changes: the object as one endpoint shows it, and back. */
export interface PatchTarget {
  readonly type: TypeFact;
  readonly kind: string;
  readonly apiVersion: string;
  /** The view of the stored object that the patch applies to. A fresh copy. */
  view(stored: KubeObject): KubeObject;
  /** The stored version of a patched view. */
  store(view: KubeObject, stored: KubeObject | undefined): KubeObject;
}

/** The object itself in the version of the request. */
export function objectTarget(request: ApiRequest): PatchTarget {
  const { resource } = request;
  return {
    type: resource.fact.type,
    kind: resource.fact.kind,
    apiVersion: resource.apiVersion,
    view: (stored) => copyJson(fromStored(resource, stored)) as KubeObject,
    store: (view) => toStored(resource, view),
  };
}

/** PATCH of an object. */
export async function patchObject(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  return patchWith(context, request, objectTarget(request), (force) =>
    objectStrategy(context, request, force),
  );
}

/** PATCH of an object or of a view of it. */
export async function patchWith(
  context: RegistryContext,
  request: ApiRequest,
  target: PatchTarget,
  strategy: (forceCreate: boolean) => UpdateStrategy,
): Promise<Outcome> {
  request.audit?.requestBody(() => patchJson(request));
  validateWriteOptions(request, 'PatchOptions');
  if (request.patchType === 'application/apply-patch+yaml') {
    const apply = applied(context, request, target);
    const mayCreate = request.subresource === '';
    return updateWith(context, request, strategy(mayCreate), (current) => placed(request, apply(current)));
  }
  const patch = patchFunction(request, target);
  return updateWith(context, request, { ...strategy(false), createOnUpdate: false }, (current) => {
    if (current === undefined) throw newNotFound(request.resource.groupResource, request.name);
    return placed(request, patched(request, target, patch, current));
  });
}

/** A patch as an audit event shows it; null where it is none. */
function patchJson({ body }: ApiRequest): string {
  if (body === undefined) return 'null';
  if ('object' in body) return JSON.stringify(body.object);
  try {
    return JSON.stringify(decodeYaml(body.bytes, undefined, { strict: false }).object);
  } catch {
    return 'null';
  }
}

/** A patch may neither rename nor move the object. */
function placed(request: ApiRequest, object: KubeObject): KubeObject {
  ensureNamespace(request, object);
  checkName(request, object);
  return object;
}

type Patch = (view: KubeObject) => unknown;

function patchFunction(request: ApiRequest, target: PatchTarget): Patch {
  const document = patchDocument(request, target.type);
  const apply = asStatus(() => decoded(request.patchType, document, target));
  return (view) => asStatus(() => apply(view));
}

function decoded(patchType: string, document: unknown, target: PatchTarget): Patch {
  switch (patchType) {
    case 'application/json-patch+json': {
      const operations = decodeJsonPatch(document);
      return (view) => applyJsonPatch(view, operations);
    }
    case 'application/merge-patch+json': {
      const patch = decodeMergePatch(document);
      return (view) => applyMergePatch(view, patch);
    }
    default: {
      const patch = decodeMergePatch(document);
      return (view) => applyStrategicMergePatch(view, patch, target.type);
    }
  }
}

/** Faults of a patch as the Status they come to. */
function asStatus<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof PatchError ? error.toStatusError() : error;
  }
}

function patchDocument(request: ApiRequest, type: TypeFact): unknown {
  const { body } = request;
  if (body === undefined) throw newBadRequest('error decoding patch: unexpected end of JSON input');
  if ('object' in body) return copyJson(body.object);
  const text = body.bytes.toString('utf8');
  try {
    return parseJson(text);
  } catch (error) {
    const why = error instanceof JsonSyntaxError ? error.message : jsonSyntaxText(text, type);
    throw newBadRequest(`error decoding patch: ${why}`);
  }
}

/** Go's words for broken JSON. */
function jsonSyntaxText(text: string, type: TypeFact): string {
  try {
    decodeJson(text, type, { strict: false });
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  return 'unexpected end of JSON input';
}

function patched(request: ApiRequest, target: PatchTarget, patch: Patch, current: Entry): KubeObject {
  const result = patch(target.view(current.object));
  const validation = request.query['fieldValidation'] ?? '';
  const strict = validation !== 'Ignore';
  if (request.patchType === 'application/strategic-merge-patch+json') {
    const fault = unstructuredFault(result, target.type);
    if (fault !== undefined) throw invalidPatch(request, target.type, fault);
  }
  let decoded: { object: KubeObject; strictErrors: readonly string[] };
  try {
    decoded = decodePatched(request, target, result, strict);
  } catch (error) {
    throw invalidPatch(request, target.type, (error as Error).message);
  }
  const { object } = decoded;
  const strictErrors = [...(strict ? duplicatesIn(request) : []), ...decoded.strictErrors];
  if (strictErrors.length > 0) {
    if (validation === 'Strict')
      throw invalidPatch(request, target.type, `strict decoding error: ${strictErrors.join(', ')}`);
    for (const text of strictErrors) request.warn(text);
  }
  const version = object.metadata?.resourceVersion;
  if (version !== undefined && version !== '' && version !== current.object.metadata.resourceVersion) {
    throw newConflict(
      request.resource.groupResource,
      request.name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
  return target.store(object, current.object);
}

/** Fields that the patch itself names twice; of no account once it is applied. */
function duplicatesIn({ body }: ApiRequest): string[] {
  return body !== undefined && 'bytes' in body ? duplicateFields(body.bytes) : [];
}

/** What a patch came to, as the resource decodes it, with its defaults. */
function decodePatched(
  request: ApiRequest,
  target: PatchTarget,
  value: unknown,
  strict: boolean,
): { readonly object: KubeObject; readonly strictErrors: readonly string[] } {
  const { custom, fact } = request.resource;
  if (custom !== undefined && target.type === fact.type) {
    if (nestsTooDeep(value)) throw new DecodeError('exceeded max depth');
    return coercePatched(custom, value, strict);
  }
  const decoded = decodeValue(value, target.type, { strict });
  const object = decoded.object as KubeObject;
  object.apiVersion = (object.apiVersion ?? '') === '' ? target.apiVersion : object.apiVersion;
  object.kind = (object.kind ?? '') === '' ? target.kind : object.kind;
  applyDefaults(object, target.type);
  return { object, strictErrors: decoded.strictErrors };
}

/** Upstream names neither kind nor object here. */
function invalidPatch(request: ApiRequest, type: TypeFact, detail: string): Error {
  const shown =
    request.patchType === 'application/strategic-merge-patch+json'
      ? goText(patchDocument(request, type))
      : request.body !== undefined && 'bytes' in request.body
        ? request.body.bytes.toString('utf8')
        : JSON.stringify(request.body?.object);
  return newInvalid({ group: '', kind: '' }, '', [invalid(FieldPath.root('patch'), shown, detail)]);
}

/** Server-side apply. */
function applied(
  context: RegistryContext,
  request: ApiRequest,
  target: PatchTarget,
): (current: Entry | undefined) => KubeObject {
  const document = applyDocument(request);
  return (current) => {
    const live = current === undefined ? undefined : target.view(current.object);
    const merged = applyServerSide({
      ...writeContext(context, request, target.type, target.apiVersion, live),
      kind: target.kind,
      live,
      applied: document.value,
      force: boolean(request.query['force']) ?? false,
    });
    for (const text of document.warnings) request.warn(text);
    let object: KubeObject;
    try {
      object = decodePatched(request, target, merged, false).object;
    } catch (error) {
      throw plainError((error as Error).message);
    }
    return target.store(object, current?.object);
  };
}

/** The applied configuration, decoded but not checked. */
function applyDocument(request: ApiRequest): {
  readonly value: unknown;
  readonly warnings: readonly string[];
} {
  const { body } = request;
  if (body === undefined) throw newBadRequest('error decoding YAML: EOF');
  if ('object' in body) return { value: copyJson(body.object), warnings: [] };
  const validation = request.query['fieldValidation'] ?? '';
  const strict = validation === 'Strict' || validation === 'Warn' || validation === '';
  try {
    const decoded = decodeYaml(body.bytes, undefined, { strict });
    if (decoded.strictErrors.length > 0) {
      if (validation === 'Strict') {
        throw newBadRequest(`error strict decoding YAML: ${decoded.strictErrors.join(', ')}`);
      }
    }
    return { value: decoded.object, warnings: decoded.strictErrors };
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw newBadRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}
