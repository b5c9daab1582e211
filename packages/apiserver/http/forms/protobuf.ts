import { encodeProtobuf, encodeProtobufWatchEvent, typeOfKind } from '@coxswain/api';
import { parseApiVersion } from '@coxswain/machinery';
import { formNotAcceptable } from '../status-errors.ts';

/** An object or list in protobuf; throws the 406 for kinds that have no such form. */
export function toProtobuf(object: object): Uint8Array {
  const { apiVersion = '', kind = '' } = object as { apiVersion?: string; kind?: string };
  const type = typeOfKind({ ...parseApiVersion(apiVersion), kind });
  if (type === undefined || type.message === '') throw formNotAcceptable();
  return encodeProtobuf(object, type);
}

/** A watch event in protobuf, with its length in four bytes before it. */
export function toProtobufFrame(type: string, object: object): Buffer {
  const event = encodeProtobufWatchEvent(type, toProtobuf(object));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}
