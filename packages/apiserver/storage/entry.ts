import { deepFreeze, type KubeObject } from '@coxswain/machinery';
import type { KeyValue } from '@coxswain/store';
import { type Deflated, deflated } from './deflated.ts';
import {
  metadataEnd,
  metadataStart,
  servedItemSize,
  servedPieces,
  writeServedItem,
  writeServedMetadata,
} from './encode.ts';
import { recycle, SliceWriter } from './slice-writer.ts';

/** Objects whose bytes were made in this process, so that the cache need not parse them again. */
const encoded = new WeakMap<Uint8Array, KubeObject>();

/** Remembers the object behind stored bytes. The object is the cache's from then on. */
export function rememberObject(value: Uint8Array, object: KubeObject): void {
  encoded.set(value, object);
}

/** The object behind bytes that were made here and are not in the cache yet. */
export function knownObject(value: Uint8Array): KubeObject | undefined {
  return encoded.get(value);
}

const scratch = new SliceWriter();

/** One object of the watch cache at one revision: bytes first, parsed when somebody looks inside. */
export class Entry {
  readonly key: string;
  readonly value: Buffer;
  readonly revision: number;
  #object: KubeObject | undefined;
  #frozen = false;
  #start = -1;
  #end = -1;
  #message: Buffer | undefined;
  #deflated: Deflated | undefined;

  constructor(key: string, value: Uint8Array, revision: number) {
    this.key = key;
    this.value = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.revision = revision;
    this.#object = encoded.get(value);
    if (this.#object !== undefined) {
      encoded.delete(value);
      this.#object.metadata.resourceVersion = String(revision);
    }
  }

  static of(kv: KeyValue): Entry {
    return new Entry(kv.key, kv.value, kv.modRevision);
  }

  /** A result that was never stored; has a resourceVersion only if the object has one. */
  static unstored(key: string, value: Uint8Array, object: KubeObject): Entry {
    const entry = new Entry(key, value, Number(object.metadata.resourceVersion ?? 0));
    entry.#object = object;
    return entry;
  }

  /** Whether `object` is there already. */
  get parsed(): boolean {
    return this.#object !== undefined;
  }

  /** Whether `message` is there already. */
  get hasMessage(): boolean {
    return this.#message !== undefined;
  }

  /** Whether `deflatedItem` is there already. */
  get hasDeflated(): boolean {
    return this.#deflated !== undefined;
  }

  /** The parsed object with its resourceVersion. Shared: never change it. */
  get object(): KubeObject {
    if (this.#object === undefined) {
      const object = JSON.parse(this.value.toString('utf8')) as KubeObject;
      object.metadata.resourceVersion = String(this.revision);
      this.#object = object;
    }
    return this.#object;
  }

  /** The same object as of a later revision: what a deletion reports. */
  at(revision: number): Entry {
    const later = new Entry(this.key, this.value, revision);
    if (this.#object !== undefined) {
      const { metadata } = this.#object;
      later.#object = { ...this.#object, metadata: { ...metadata, resourceVersion: String(revision) } };
    }
    return later;
  }

  /** The same, frozen in depth: for those outside of the server. */
  get frozen(): KubeObject {
    const object = this.object;
    if (!this.#frozen) {
      deepFreeze(object);
      this.#frozen = true;
    }
    return object;
  }

  get labels(): Readonly<Record<string, string>> | undefined {
    return this.object.metadata.labels;
  }

  /** JSON in pieces, in the storage version. */
  pieces(): Buffer[] {
    return servedPieces(this.value, this.#metadata(), this.revision);
  }

  /** Writes the JSON of a list item, in the storage version. */
  writeItem(out: SliceWriter): void {
    writeServedItem(out, this.value, this.#metadata(), this.revision);
  }

  /** A comma and the JSON of a list item, compressed; made for the first who asks. */
  get deflatedItem(): Deflated {
    if (this.#deflated === undefined) {
      scratch.ascii(',');
      this.writeItem(scratch);
      const text = scratch.take();
      this.#deflated = deflated(text);
      recycle(text);
    }
    return this.#deflated;
  }

  /** How many bytes `writeItem` writes. */
  get itemSize(): number {
    return servedItemSize(this.value, this.#metadata(), this.revision);
  }

  /** Writes the JSON of the metadata. */
  writeMetadata(out: SliceWriter): void {
    const start = this.#metadata();
    if (this.#end < 0) this.#end = metadataEnd(this.value, start);
    writeServedMetadata(out, this.value, start, this.#end, this.revision);
  }

  /** The bare protobuf message, in the storage version; made by `encode` for the first who asks. */
  message(encode: (object: KubeObject) => Buffer): Buffer {
    this.#message ??= encode(this.object);
    return this.#message;
  }

  #metadata(): number {
    if (this.#start < 0) this.#start = metadataStart(this.value);
    return this.#start;
  }
}
