import {
  applyDefaults,
  convert,
  DecodeError,
  decodeParsedDocument,
  decodeValue,
  fromUnstructured,
  typeMetaOf,
} from '@coxswain/api';
import {
  byteOrder,
  copyJson,
  goMapJson,
  type KubeObject,
  nestsTooDeep,
  parseApiVersion,
  type Steps,
  type TypeFact,
} from '@coxswain/machinery';
import { coercePatched } from '../body/decode-custom.ts';
import type { ApiRequest } from '../context.ts';
import { fromStored, toStored } from '../versions.ts';
import { applyPatchType, strategicPatchType } from './patch-types.ts';

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

/** What a patch came to, decoded and with its defaults. */
export interface Patched {
  readonly object: KubeObject;
  readonly strictErrors: readonly string[];
}

/** Decodes what a patch came to as the resource does; the faults are those of the decoder. */
export function* decodePatched(
  request: ApiRequest,
  target: PatchTarget,
  value: unknown,
  strict: boolean,
): Steps<Patched> {
  const { custom, fact } = request.resource;
  if (custom !== undefined && target.type === fact.type) {
    if (nestsTooDeep(value)) throw new DecodeError('exceeded max depth');
    if (typeMetaOf(value).kind === '') {
      throw new DecodeError(`Object 'Kind' is missing in '${goMapJson(value)}'`);
    }
    yield;
    return yield* coercePatched(custom, value, strict, request.patchType === applyPatchType);
  }
  const { patchType } = request;
  const { object, strictErrors } =
    patchType === strategicPatchType || patchType === applyPatchType
      ? decodeUnstructured(target, value, strict)
      : decodeNamed(target, value, strict);
  applyDefaults(object, target.type);
  return { object, strictErrors };
}

/** What is merged by types fills the Go type of the endpoint, whatever kind it is called in the patch. */
function decodeUnstructured(target: PatchTarget, value: unknown, strict: boolean): Patched {
  const { object, strictErrors } = decodeValue(fromUnstructured(value, target.type), target.type, { strict });
  return {
    object: { ...object, apiVersion: target.apiVersion, kind: target.kind },
    strictErrors: strictErrors.sort(byteOrder),
  };
}

/** What comes of other patches is a document that names its kind, and may be of another version of it. */
function decodeNamed(target: PatchTarget, value: unknown, strict: boolean): Patched {
  const into = { ...parseApiVersion(target.apiVersion), kind: target.kind };
  const { object, strictErrors } = decodeParsedDocument(value, { into, strict });
  return { object: convert(object, target.apiVersion), strictErrors };
}
