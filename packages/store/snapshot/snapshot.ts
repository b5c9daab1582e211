import { createHash } from 'node:crypto';
import type { KeyValue } from '../contract.ts';

/** One key of a snapshot. */
export interface SnapshotEntry extends KeyValue {
  /** Wall milliseconds at which the key expires; 0: never. */
  readonly due: number;
}

/** What a snapshot holds: the keys as of one revision, without history. */
export interface SnapshotContents {
  readonly revision: number;
  /** In key order. */
  readonly kvs: readonly KeyValue[];
  /** Wall milliseconds at which keys expire. */
  readonly leases: ReadonlyMap<string, number>;
}

/** The bytes are not a whole snapshot. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code = 'SNAPSHOT_DAMAGED';

  constructor(message: string) {
    super(`read the snapshot: ${message}`);
  }
}

const magic = Buffer.from('COXSNAP1');
/** Lengths of key and value, then create revision, mod revision and due time. */
const entryBytes = 4 + 4 + 8 + 8 + 8;

/** Before the entries: magic, revision, how many entries there are. */
export const snapshotHeaderBytes = magic.length + 16;
/** After the entries: SHA-256 over all before it. */
export const snapshotHashBytes = 32;

/** The pieces of a snapshot, to be written one after another; `count` is the number of entries. */
export function* snapshotPieces(
  revision: number,
  count: number,
  entries: Iterable<SnapshotEntry>,
): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const header = Buffer.alloc(snapshotHeaderBytes);
  magic.copy(header);
  header.writeDoubleBE(revision, magic.length);
  header.writeDoubleBE(count, magic.length + 8);
  hash.update(header);
  yield header;
  for (const { key, value, createRevision, modRevision, due } of entries) {
    const keyBytes = Buffer.byteLength(key);
    const head = Buffer.alloc(entryBytes + keyBytes);
    head.writeUInt32BE(keyBytes, 0);
    head.writeUInt32BE(value.length, 4);
    head.writeDoubleBE(createRevision, 8);
    head.writeDoubleBE(modRevision, 16);
    head.writeDoubleBE(due, 24);
    head.write(key, entryBytes);
    hash.update(head).update(value);
    yield head;
    yield value;
  }
  yield hash.digest();
}

/** Writes a snapshot in memory. */
export function encodeSnapshot({ revision, kvs, leases }: SnapshotContents): Uint8Array {
  const entries = function* (): Generator<SnapshotEntry> {
    for (const kv of kvs) yield { ...kv, due: leases.get(kv.key) ?? 0 };
  };
  return Buffer.concat([...snapshotPieces(revision, kvs.length, entries())]);
}

/** Reads the first bytes of a snapshot; throws `SnapshotError` when they are another file's. */
export function readSnapshotHeader(header: Uint8Array): {
  readonly revision: number;
  readonly count: number;
} {
  const data = viewOf(header);
  if (data.length < snapshotHeaderBytes || !data.subarray(0, magic.length).equals(magic)) {
    throw new SnapshotError('it does not begin like one');
  }
  return { revision: data.readDoubleBE(magic.length), count: data.readDoubleBE(magic.length + 8) };
}

/**
 * Reads the entry at an offset; gives it and where the next begins, or undefined when the bytes end before the
 * entry does. The value shares the memory of `bytes`.
 */
export function readSnapshotEntry(
  bytes: Uint8Array,
  at: number,
): { readonly entry: SnapshotEntry; readonly next: number } | undefined {
  const data = viewOf(bytes);
  if (at + entryBytes > data.length) return undefined;
  const keyEnd = at + entryBytes + data.readUInt32BE(at);
  const next = keyEnd + data.readUInt32BE(at + 4);
  if (next > data.length) return undefined;
  const entry = {
    key: data.toString('utf8', at + entryBytes, keyEnd),
    value: data.subarray(keyEnd, next),
    createRevision: data.readDoubleBE(at + 8),
    modRevision: data.readDoubleBE(at + 16),
    due: data.readDoubleBE(at + 24),
  };
  return { entry, next };
}

/** Reads a snapshot; throws `SnapshotError` when a byte of it is wrong. */
export function decodeSnapshot(bytes: Uint8Array): SnapshotContents {
  const data = viewOf(bytes);
  const end = data.length - snapshotHashBytes;
  const { revision, count } = readSnapshotHeader(data);
  const hash = createHash('sha256')
    .update(data.subarray(0, Math.max(0, end)))
    .digest();
  if (!hash.equals(data.subarray(Math.max(0, end)))) throw new SnapshotError('its checksum is wrong');
  const kvs: KeyValue[] = [];
  const leases = new Map<string, number>();
  const entries = data.subarray(0, end);
  let at = snapshotHeaderBytes;
  for (let i = 0; i < count; i++) {
    const read = readSnapshotEntry(entries, at);
    if (read === undefined) throw new SnapshotError('it ends too early');
    const { key, value, createRevision, modRevision, due } = read.entry;
    if (due > 0) leases.set(key, due);
    kvs.push({ key, value, createRevision, modRevision });
    at = read.next;
  }
  if (at !== end) throw new SnapshotError('it goes on after its end');
  return { revision, kvs, leases };
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
