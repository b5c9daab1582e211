import { decodeProtobuf, encodeProtobuf, typeOfKind } from '@coxswain/api';
import { type KubeObject, parseApiVersion } from '@coxswain/machinery';

/** Upstream keeps these as JSON, whatever the media type of the store. */
const storedAsJson: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Whether stored JSON may have a list that is there and empty. */
export function losesLists(value: Buffer): boolean {
  return value.includes(':[]');
}

/**
 * The object as upstream reads it again once it is stored, and answers its write with: protobuf does not tell an empty
 * list from none, and a list that is always shown is then null.
 */
export function asReadAgain(object: KubeObject): KubeObject {
  const { group, version } = parseApiVersion(object.apiVersion);
  if (storedAsJson.has(group)) return object;
  const type = typeOfKind({ group, version, kind: object.kind });
  return type === undefined || type.message === '' ? object : decodeProtobuf(encodeProtobuf(object, type));
}
