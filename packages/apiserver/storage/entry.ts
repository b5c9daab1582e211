import { deepFreeze, type KubeObject } from '@coxswain/machinery';
import type { KeyValue } from '@coxswain/store';
import { type Deflated, deflated } from './deflated.ts';
import { DerivedPool } from './derived-pool.ts';
import {
  metadataEnd,
  metadataStart,
  servedItemSize,
  servedPieces,
  writeServedItem,
  writeServedMetadata,
} from './encode.ts';
import { ownCopy } from './own-bytes.ts';
import { recycle, SliceWriter } from './slice-writer.ts';
import { type StoredLabels, storedLabels } from './stored-labels.ts';
import { faultOfValue } from './unreadable.ts';

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

/** A parsed object takes some three times as much memory as its JSON. */
const parsedFactor = 3;

/** Bounds of the memory of what entries keep beside their bytes. */
export interface EntryPools {
  readonly objects: DerivedPool<Entry>;
  readonly encodings: DerivedPool<Entry>;
}

/**
 * One object of the watch cache at one revision: bytes first, parsed when somebody looks inside. Of a pool, it may let
 * go of all but the bytes at any time: who needs the same object twice keeps it.
 */
export class Entry {
  readonly key: string;
  readonly value: Buffer;
  readonly revision: number;
  readonly #pools: EntryPools | undefined;
  #objectUsed = false;
  #encodingsUsed = false;
  #object: KubeObject | undefined;
  #frozen = false;
  /** null: not looked for yet. */
  #labels: StoredLabels | undefined | null = null;
  #start = -1;
  #end = -1;
  #message: Buffer | undefined;
  #deflated: Deflated | undefined;

  /** @param pools bound what is made of the bytes; absent: it stays */
  constructor(key: string, value: Uint8Array, revision: number, pools?: EntryPools) {
    this.key = key;
    this.#pools = pools;
    this.value = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.revision = revision;
    this.#object = encoded.get(value);
    if (this.#object !== undefined) {
      encoded.delete(value);
      this.#object.metadata.resourceVersion = String(revision);
      this.#keepObject();
    }
  }

  static of(kv: KeyValue, pools?: EntryPools): Entry {
    return new Entry(kv.key, kv.value, kv.modRevision, pools);
  }

  /** Pools for the entries of a server: of parsed objects, and of what they were encoded to. */
  static pools(objectBytes: number, encodingBytes: number): EntryPools {
    return {
      objects: new DerivedPool<Entry>(objectBytes, {
        takeUsed: (entry) => entry.#takeObjectUsed(),
        forget: (entry) => entry.#forgetObject(),
      }),
      encodings: new DerivedPool<Entry>(encodingBytes, {
        takeUsed: (entry) => entry.#takeEncodingsUsed(),
        forget: (entry) => entry.#forgetEncodings(),
      }),
    };
  }

  #takeObjectUsed(): boolean {
    const used = this.#objectUsed;
    this.#objectUsed = false;
    return used;
  }

  #takeEncodingsUsed(): boolean {
    const used = this.#encodingsUsed;
    this.#encodingsUsed = false;
    return used;
  }

  #forgetObject(): void {
    this.#object = undefined;
    this.#frozen = false;
  }

  #forgetEncodings(): void {
    this.#message = undefined;
    this.#deflated = undefined;
  }

  #keepObject(): void {
    this.#pools?.objects.add(this, parsedFactor * this.value.length);
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
    if (this.#object !== undefined) {
      this.#objectUsed = true;
      return this.#object;
    }
    const object = this.#parse();
    object.metadata.resourceVersion = String(this.revision);
    this.#object = object;
    this.#keepObject();
    return object;
  }

  #parse(): KubeObject {
    try {
      return JSON.parse(this.value.toString('utf8')) as KubeObject;
    } catch (error) {
      throw faultOfValue(this.key, this.value, error);
    }
  }

  /** The same object as of a later revision: what a deletion reports. */
  at(revision: number): Entry {
    const later = new Entry(this.key, this.value, revision, this.#pools);
    if (this.#object !== undefined) {
      const { metadata } = this.#object;
      later.#object = { ...this.#object, metadata: { ...metadata, resourceVersion: String(revision) } };
      later.#keepObject();
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

  /** The object need not be parsed for them. */
  get labels(): StoredLabels | undefined {
    if (this.#object !== undefined) return this.#object.metadata.labels;
    if (this.#labels === null) this.#labels = storedLabels(this.value, this.#metadata());
    return this.#labels;
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
    if (this.#deflated !== undefined) {
      this.#encodingsUsed = true;
      return this.#deflated;
    }
    scratch.ascii(',');
    this.writeItem(scratch);
    const text = scratch.take();
    const made = deflated(text);
    recycle(text);
    this.#deflated = made;
    this.#pools?.encodings.add(this, made.bytes.length);
    return made;
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
    if (this.#message !== undefined) {
      this.#encodingsUsed = true;
      return this.#message;
    }
    const message = ownCopy(encode(this.object));
    this.#message = message;
    this.#pools?.encodings.add(this, message.length);
    return message;
  }

  #metadata(): number {
    if (this.#start >= 0) return this.#start;
    try {
      this.#start = metadataStart(this.value);
    } catch (error) {
      throw faultOfValue(this.key, this.value, error);
    }
    return this.#start;
  }
}
