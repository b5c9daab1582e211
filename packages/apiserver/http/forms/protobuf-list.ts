import { encodeProtobufMessage, protobufListEnvelope, typeOfKind } from '@coxswain/api';
import { parseApiVersion } from '@coxswain/machinery';
import type { ServedResource } from '../../registry/resource-registry.ts';
import { fromStored } from '../../registry/versions.ts';
import type { Entry } from '../../storage/entry.ts';
import { SliceWriter, varintSize } from '../../storage/lists/slice-writer.ts';
import { formNotAcceptable } from '../status-errors.ts';
import { workAtOnce } from './work-at-once.ts';

/** What the items of a list are in protobuf. */
export interface ItemMessages {
  readonly apiVersion: string;
  /** Of one item. */
  readonly kind: string;
  /** What it costs to encode one, in the measure of `workAtOnce`. */
  work(entry: Entry): number;
  encode(entry: Entry): Uint8Array;
}

/** To encode an object that is parsed already. */
const encodeWork = 2 * 1024;

/** More objects than this are not looked at in one turn. */
const measuredAtOnce = 20_000;

/** Field 2 of a list, length-delimited: an item. */
const itemTag = Buffer.from([0x12]);
const nothing = Buffer.alloc(0);

/** The objects themselves, encoded once. */
export function wholeObjects(resource: ServedResource): ItemMessages {
  const { fact, apiVersion, direct } = resource;
  return {
    apiVersion,
    kind: fact.kind,
    work: (entry) => (entry.hasMessage && direct ? 0 : (entry.parsed ? 0 : entry.value.length) + encodeWork),
    encode: (entry) =>
      direct
        ? entry.message((object) => encodeProtobufMessage(object, fact.type))
        : encodeProtobufMessage(fromStored(resource, entry.object), fact.type),
  };
}

/** A list in protobuf. The length of the whole comes first: every item is encoded before the first byte is sent. */
export function* protobufListSlices(
  { apiVersion, kind: itemKind, work: workOf, encode }: ItemMessages,
  metadata: object,
  entries: readonly Entry[],
): Generator<Buffer> {
  const kind = `${itemKind}List`;
  const type = typeOfKind({ ...parseApiVersion(apiVersion), kind });
  if (type === undefined || type.message === '') throw formNotAcceptable();
  const messages: Uint8Array[] = [];
  let size = 0;
  let work = 0;
  for (const entry of entries) {
    work += workOf(entry);
    const message = encode(entry);
    messages.push(message);
    size += 1 + varintSize(message.length) + message.length;
    if (work < workAtOnce && messages.length % measuredAtOnce !== 0) continue;
    work = 0;
    yield nothing;
  }
  const { head, tail } = protobufListEnvelope({ kind, apiVersion, metadata }, type, size);
  const out = new SliceWriter();
  out.bytes(head);
  for (const message of messages) {
    out.bytes(itemTag);
    out.varint(message.length);
    out.bytes(message);
    if (out.full) yield out.take();
  }
  out.bytes(tail);
  yield out.take();
}
