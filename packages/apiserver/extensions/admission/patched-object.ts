import {
  applyDefaults,
  convert,
  decodeParsedDocument,
  findResource,
  typeMetaOf,
  typeOfKind,
} from '@coxswain/api';
import {
  apiVersionOf,
  goMapJson,
  type KubeObject,
  newInternalError,
  parseApiVersion,
} from '@coxswain/machinery';
import type { AdmissionAttributes } from '../../access/contract.ts';
import { plainError } from '../../registry/context.ts';

/**
 * A patched object as decoding it would give it, in the version that it was shown in.
 * @throws StatusError where it is strict and the object has members that its type does not have; Error in Go's words
 *   where it is of another kind, or does not fit its type
 */
export function normalized(
  object: KubeObject,
  { kind, resource, normalize }: AdmissionAttributes,
  strict = false,
): KubeObject {
  if (normalize !== undefined) return normalize(object);
  const fact = findResource(resource.group, resource.version, resource.resource);
  const isOther = fact === undefined || fact.kind !== kind.kind || fact.group !== kind.group;
  const type = isOther ? typeOfKind(kind) : fact.type;
  if (type === undefined) return object;
  const read = decodeParsedDocument(object, { into: kind, strict });
  if (read.strictErrors.length > 0) {
    throw newInternalError(`strict decoding error: ${read.strictErrors.join(', ')}`);
  }
  const decoded = convert(read.object, apiVersionOf(kind));
  applyDefaults(decoded, isOther ? type : fact);
  return decoded;
}

/** The object of a request is shared with the rest of it: it stays the same one, in the version that it is in. */
export function replaceMembers(object: KubeObject, changed: KubeObject): void {
  const isBuiltIn = typeOfKind({ ...parseApiVersion(object.apiVersion), kind: object.kind }) !== undefined;
  const by =
    isBuiltIn && changed.apiVersion !== object.apiVersion ? convert(changed, object.apiVersion) : changed;
  for (const member of Object.keys(object)) if (!Object.hasOwn(by, member)) delete object[member];
  Object.assign(object, by);
}

/**
 * A custom object as a patch left it, in the version of its resource.
 * @throws StatusError where it says no kind, or a version that is none of its resource's
 */
export function readUnstructured(
  made: KubeObject,
  { resource, served }: AdmissionAttributes,
): KubeObject | Promise<KubeObject> {
  const { kind, apiVersion } = typeMetaOf(made);
  if (kind === '') throw new Error(`Object 'Kind' is missing in '${goMapJson(made)}'`);
  const wanted = apiVersionOf(resource);
  if (apiVersion === wanted) return made;
  if (apiVersion === '') {
    throw plainError(`/, Kind=${kind} is unstructured and is not suitable for converting to "${wanted}"`);
  }
  const other = served?.equivalents('').find((one) => apiVersionOf(one.resource) === apiVersion);
  if (other !== undefined) return other.read(made);
  throw plainError(`request to convert CR from an invalid group/version: ${apiVersion}`);
}

/** What was changed as an equivalent resource shows it, as the request's own resource does. */
export function readBack(
  shown: AdmissionAttributes,
  a: AdmissionAttributes,
  object: KubeObject,
): KubeObject | Promise<KubeObject> {
  const { resource } = shown;
  const equivalent = a.served?.equivalents(a.subresource).find((one) => one.resource === resource);
  if (equivalent === undefined) {
    throw new Error(`converting "${object.metadata.name}" back: nothing serves ${resource.resource}`);
  }
  return equivalent.read(object);
}
