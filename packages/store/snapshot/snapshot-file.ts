import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { partPathOf, removeLeftParts } from './part-file.ts';
import {
  readSnapshotEntry,
  readSnapshotHeader,
  type SnapshotEntry,
  SnapshotError,
  snapshotHashBytes,
  snapshotHeaderBytes,
  snapshotPieces,
} from './snapshot.ts';

/** What a snapshot's file holds. */
export interface SnapshotSummary {
  /** The store's revision when it was taken. */
  readonly revision: number;
  /** How many keys there are. */
  readonly keys: number;
  /** Size of the file. */
  readonly bytes: number;
  /** SHA-256 of all before it, as hex digits: the file's last bytes. */
  readonly hash: string;
}

/** Bytes read and written at once. */
const pieceBytes = 1 << 20;

/** Makes what lies in a folder last over a loss of power: the names in it, which no fsync of a file covers. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Writes a snapshot to a file that only its owner may read. The file is whole and on the disk when this returns;
 * otherwise nothing is there, or what was there before.
 */
export function writeSnapshotFile(
  path: string,
  revision: number,
  count: number,
  entries: Iterable<SnapshotEntry>,
): void {
  removeLeftParts(path);
  const part = partPathOf(path);
  const file = openSync(part, 'w', 0o600);
  try {
    let waiting: Uint8Array[] = [];
    let size = 0;
    const flush = (): void => {
      writeAll(file, Buffer.concat(waiting, size));
      waiting = [];
      size = 0;
    };
    for (const piece of snapshotPieces(revision, count, entries)) {
      waiting.push(piece);
      size += piece.length;
      if (size >= pieceBytes) flush();
    }
    flush();
    fsyncSync(file);
    closeSync(file);
    renameSync(part, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** A snapshot's file whose every byte was found to be right. Close it. */
export class SnapshotFile {
  readonly summary: SnapshotSummary;
  readonly #file: number;

  /** Opens a file and reads all of it. Throws `SnapshotError` when a byte of it is wrong. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    try {
      const bytes = fstatSync(this.#file).size;
      const header = Buffer.alloc(snapshotHeaderBytes);
      const { revision, count } = readSnapshotHeader(header.subarray(0, this.#read(header, 0)));
      const hash = createHash('sha256');
      const piece = Buffer.allocUnsafe(pieceBytes);
      const end = bytes - snapshotHashBytes;
      for (let at = 0; at < end; ) {
        const read = this.#read(piece.subarray(0, Math.min(pieceBytes, end - at)), at);
        if (read === 0) throw new SnapshotError('it has become shorter meanwhile');
        hash.update(piece.subarray(0, read));
        at += read;
      }
      const expected = Buffer.alloc(snapshotHashBytes);
      const found = hash.digest();
      if (
        end < snapshotHeaderBytes ||
        this.#read(expected, end) < snapshotHashBytes ||
        !found.equals(expected)
      )
        throw new SnapshotError('its checksum is wrong');
      this.summary = { revision, keys: count, bytes, hash: found.toString('hex') };
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  /** The entries in order of their last writes, as a log takes them. */
  *entriesByRevision(): Generator<SnapshotEntry> {
    const places: { readonly revision: number; readonly at: number }[] = [];
    for (const { entry, at } of this.#entries()) places.push({ revision: entry.modRevision, at });
    places.sort((a, b) => a.revision - b.revision);
    for (const { at } of places) yield this.#entryAt(at).entry;
  }

  close(): void {
    closeSync(this.#file);
  }

  *#entries(): Generator<{ readonly entry: SnapshotEntry; readonly at: number }> {
    const end = this.summary.bytes - snapshotHashBytes;
    let at = snapshotHeaderBytes;
    let piece: Buffer = Buffer.alloc(0);
    let begin = at;
    for (let i = 0; i < this.summary.keys; i++) {
      let read = readSnapshotEntry(piece, at - begin);
      if (read === undefined) {
        begin = at;
        piece = this.#pieceAt(at, end);
        read = readSnapshotEntry(piece, 0);
      }
      if (read === undefined) {
        const large = this.#entryAt(at);
        yield { entry: large.entry, at };
        at = large.next;
        continue;
      }
      yield { entry: read.entry, at };
      at = begin + read.next;
    }
    if (at !== end) throw new SnapshotError('it does not end where its last entry does');
  }

  #pieceAt(at: number, end: number): Buffer {
    const piece = Buffer.allocUnsafe(Math.max(0, Math.min(pieceBytes, end - at)));
    return piece.subarray(0, this.#read(piece, at));
  }

  /** An entry of any size. */
  #entryAt(at: number): { readonly entry: SnapshotEntry; readonly next: number } {
    const end = this.summary.bytes - snapshotHashBytes;
    for (let size = 4_096; ; size *= 8) {
      const piece = Buffer.allocUnsafe(Math.max(0, Math.min(size, end - at)));
      const read = readSnapshotEntry(piece.subarray(0, this.#read(piece, at)), 0);
      if (read !== undefined) return { entry: read.entry, next: at + read.next };
      if (piece.length >= end - at) throw new SnapshotError('it ends too early');
    }
  }

  #read(into: Uint8Array, at: number): number {
    return readSync(this.#file, into, 0, into.length, at);
  }
}
