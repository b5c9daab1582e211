import { decodeProtobuf, encodeProtobuf } from '@coxswain/api';
import type { KubeObject } from '@coxswain/machinery';
import { storedMessageOf } from './layers/media.ts';

/** Whether stored JSON may have a list that is there and empty. */
export function losesLists(value: Buffer): boolean {
  return value.includes(':[]');
}

/**
 * The object as upstream reads it again once it is stored, and answers its write with: protobuf does not tell an empty
 * list from none, and a list that is always shown is then null.
 */
export function asReadAgain(object: KubeObject): KubeObject {
  const message = storedMessageOf(object);
  return message === undefined ? object : decodeProtobuf(encodeProtobuf(object, message));
}
