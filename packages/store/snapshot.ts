import { createHash } from 'node:crypto';
import type { KeyValue } from './contract.ts';

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
const headerBytes = magic.length + 16;
/** Lengths of key and value, then create revision, mod revision and due time. */
const entryBytes = 4 + 4 + 8 + 8 + 8;
const hashBytes = 32;

/** Writes a snapshot: magic, revision, count, entries, SHA-256 over all before it. */
export function encodeSnapshot(contents: SnapshotContents): Uint8Array {
  const { revision, kvs, leases } = contents;
  let size = headerBytes + hashBytes;
  for (const kv of kvs) size += entryBytes + Buffer.byteLength(kv.key) + kv.value.length;
  const out = Buffer.allocUnsafe(size);
  magic.copy(out);
  out.writeDoubleBE(revision, magic.length);
  out.writeDoubleBE(kvs.length, magic.length + 8);
  let at = headerBytes;
  for (const { key, value, createRevision, modRevision } of kvs) {
    const keyBytes = out.write(key, at + entryBytes);
    out.writeUInt32BE(keyBytes, at);
    out.writeUInt32BE(value.length, at + 4);
    out.writeDoubleBE(createRevision, at + 8);
    out.writeDoubleBE(modRevision, at + 16);
    out.writeDoubleBE(leases.get(key) ?? 0, at + 24);
    out.set(value, at + entryBytes + keyBytes);
    at += entryBytes + keyBytes + value.length;
  }
  createHash('sha256').update(out.subarray(0, at)).digest().copy(out, at);
  return out;
}

/** Reads a snapshot; throws `SnapshotError` when a byte of it is wrong. */
export function decodeSnapshot(bytes: Uint8Array): SnapshotContents {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < headerBytes + hashBytes || !data.subarray(0, magic.length).equals(magic)) {
    throw new SnapshotError('it does not begin like one');
  }
  const end = data.length - hashBytes;
  const hash = createHash('sha256').update(data.subarray(0, end)).digest();
  if (!hash.equals(data.subarray(end))) throw new SnapshotError('its checksum is wrong');
  const count = data.readDoubleBE(magic.length + 8);
  const kvs: KeyValue[] = [];
  const leases = new Map<string, number>();
  for (let i = 0, at = headerBytes; i < count; i++) {
    const keyEnd = at + entryBytes + data.readUInt32BE(at);
    const valueEnd = keyEnd + data.readUInt32BE(at + 4);
    const key = data.toString('utf8', at + entryBytes, keyEnd);
    const due = data.readDoubleBE(at + 24);
    if (due > 0) leases.set(key, due);
    kvs.push({
      key,
      value: data.subarray(keyEnd, valueEnd),
      createRevision: data.readDoubleBE(at + 8),
      modRevision: data.readDoubleBE(at + 16),
    });
    at = valueEnd;
  }
  return { revision: data.readDoubleBE(magic.length), kvs, leases };
}
