import { deepFreeze, type KubeObject, readJson } from '@coxswain/machinery';
import type { KeyValue } from '@coxswain/store';
import { type Deflated, deflated } from './deflated.ts';
import { Derived, DerivedPool } from './derived-pool.ts';
import {
  metadataEnd,
  metadataStart,
  servedItemSize,
  servedPieces,
  versionMember,
  versionPlace,
  writeServedItem,
  writeServedMetadata,
} from './encode.ts';
import { recycle, SliceWriter } from './lists/slice-writer.ts';
import { ownCopy } from './own-bytes.ts';
import { type StoredLabels, storedLabels } from './stored-labels.ts';
import { faultOfValue } from './unreadable.ts';
import { parseWithoutManagers } from './without-managers.ts';

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
  /** Objects as they were written: who reads them makes them last. */
  readonly written: DerivedPool;
  readonly objects: DerivedPool;
  readonly encodings: DerivedPool;
}

/** @returns pools for the entries of a server: of parsed objects, and of what they were encoded to */
export function entryPools(objectBytes: number, encodingBytes: number): EntryPools {
  const objects = new DerivedPool(objectBytes);
  // What nobody reads soon after its write is of no use: a load of writes is not to displace what is read.
  const written = new DerivedPool(objectBytes / writtenPart, objects);
  return { written, objects, encodings: new DerivedPool(encodingBytes) };
}

/** A third: updates of 3,500 pods, one after the other, find each still parsed. */
const writtenPart = 3;

/**
 * One object of the watch cache at one revision: bytes first, parsed when somebody looks inside. Of a pool, it may let
 * go of all but the bytes at any time: who needs the same object twice keeps it.
 */
export class Entry {
  readonly key: string;
  readonly value: Buffer;
  readonly revision: number;
  readonly #pools: EntryPools | undefined;
  #object: Derived<KubeObject> | undefined;
  #shown: Derived<KubeObject> | undefined;
  #message: Derived<Buffer> | undefined;
  #deflated: Derived<Deflated> | undefined;
  /** null: not looked for yet. */
  #labels: StoredLabels | undefined | null = null;
  #start = -1;
  #place = -1;
  #end = -1;

  /** @param pools bound what is made of the bytes; absent: it stays */
  constructor(key: string, value: Uint8Array, revision: number, pools?: EntryPools) {
    this.key = key;
    this.#pools = pools;
    this.value = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.revision = revision;
    const object = encoded.get(value);
    if (object !== undefined) {
      encoded.delete(value);
      object.metadata.resourceVersion = String(revision);
      this.#keepObject(object, pools?.written);
    }
  }

  static of(kv: KeyValue, pools?: EntryPools): Entry {
    return new Entry(kv.key, kv.value, kv.modRevision, pools);
  }

  #keepObject(object: KubeObject, pool: DerivedPool | undefined): void {
    this.#object = new Derived(object, parsedFactor * this.value.length);
    pool?.add(this.#object);
  }

  /** Those who were told of the object have looked at it: from now on it is in use when somebody reads it. */
  settle(): void {
    if (this.#object !== undefined) this.#object.used = false;
  }

  /** Lets go at once of what may go at any time, as the object is no more what it was. */
  retire(): void {
    for (const derived of [this.#object, this.#shown, this.#message, this.#deflated])
      derived?.pool?.forget(derived);
  }

  /** A result that was never stored; has a resourceVersion only if the object has one. */
  static unstored(key: string, value: Uint8Array, object: KubeObject): Entry {
    const entry = new Entry(key, value, Number(object.metadata.resourceVersion ?? 0));
    entry.#keepObject(object, undefined);
    return entry;
  }

  /** Whether `object` is there already. */
  get parsed(): boolean {
    return this.#object?.value !== undefined;
  }

  /** Whether `shown` is there already. */
  get parsedToShow(): boolean {
    return this.parsed || this.#shown?.value !== undefined;
  }

  /** Whether `message` is there already. */
  get hasMessage(): boolean {
    return this.#message?.value !== undefined;
  }

  /** Whether `deflatedItem` is there already. */
  get hasDeflated(): boolean {
    return this.#deflated?.value !== undefined;
  }

  /** The parsed object with its resourceVersion. Shared: never change it. */
  get object(): KubeObject {
    const known = this.#object?.take();
    if (known !== undefined) return known;
    const object = this.#parse();
    this.#keepObject(object, this.#pools?.objects);
    return object;
  }

  /** The parsed object, which may lack `metadata.managedFields`. Shared: never change it. */
  get shown(): KubeObject {
    const known = this.#object?.take() ?? this.#shown?.take();
    if (known !== undefined) return known;
    let object: KubeObject | undefined;
    try {
      object = parseWithoutManagers(this.value, this.#metadata(), this.#metadataEnd());
    } catch (error) {
      throw faultOfValue(this.key, this.value, error);
    }
    if (object === undefined) return this.object;
    object.metadata.resourceVersion = String(this.revision);
    this.#shown = new Derived(object, (parsedFactor * this.value.length) / 2);
    this.#pools?.objects.add(this.#shown);
    return object;
  }

  #parse(): KubeObject {
    const place = this.#versionPlace();
    try {
      const version = versionMember(this.value, place, this.revision);
      return readJson(this.value.toString('utf8', 0, place) + version + this.value.toString('utf8', place));
    } catch (error) {
      throw faultOfValue(this.key, this.value, error);
    }
  }

  /** The same object as of a later revision: what a deletion reports. */
  at(revision: number): Entry {
    const later = new Entry(this.key, this.value, revision, this.#pools);
    const object = this.#object?.value;
    if (object !== undefined) {
      const metadata = { ...object.metadata, resourceVersion: String(revision) };
      later.#keepObject({ ...object, metadata }, this.#pools?.written);
    }
    return later;
  }

  /** The same, frozen in depth: for those outside of the server. */
  get frozen(): KubeObject {
    const { object } = this;
    // Frozen as a whole or not at all.
    if (!Object.isFrozen(object)) deepFreeze(object);
    return object;
  }

  /** The object need not be parsed for them. */
  get labels(): StoredLabels | undefined {
    const object = this.#object?.value;
    if (object !== undefined) return object.metadata.labels;
    if (this.#labels === null) this.#labels = storedLabels(this.value, this.#metadata());
    return this.#labels;
  }

  /** JSON in pieces, in the storage version. */
  pieces(): Buffer[] {
    return servedPieces(this.value, this.#versionPlace(), this.revision);
  }

  /** Writes the JSON of a list item, in the storage version. */
  writeItem(out: SliceWriter): void {
    writeServedItem(out, this.value, this.#metadata(), this.#place, this.revision);
  }

  /** A comma and the JSON of a list item, compressed; made for the first who asks. */
  get deflatedItem(): Deflated {
    const known = this.#deflated?.take();
    if (known !== undefined) return known;
    scratch.ascii(',');
    this.writeItem(scratch);
    const text = scratch.take();
    const made = deflated(text);
    recycle(text);
    this.#deflated = new Derived(made, made.bytes.length);
    this.#pools?.encodings.add(this.#deflated);
    return made;
  }

  /** How many bytes `writeItem` writes. */
  get itemSize(): number {
    return servedItemSize(this.value, this.#metadata(), this.#place, this.revision);
  }

  /** Writes the JSON of the metadata. */
  writeMetadata(out: SliceWriter): void {
    writeServedMetadata(out, this.value, this.#metadata(), this.#place, this.#metadataEnd(), this.revision);
  }

  /**
   * The bare protobuf message, in the storage version; made by `encode` for the first who asks. An object that is
   * parsed for this alone is not kept: the message is.
   */
  message(encode: (object: KubeObject) => Buffer): Buffer {
    const known = this.#message?.take();
    if (known !== undefined) return known;
    const message = ownCopy(encode(this.#object?.take() ?? this.#parse()));
    this.#message = new Derived(message, message.length);
    this.#pools?.encodings.add(this.#message);
    return message;
  }

  #metadataEnd(): number {
    if (this.#end < 0) this.#end = metadataEnd(this.value, this.#metadata());
    return this.#end;
  }

  #metadata(): number {
    if (this.#start < 0) {
      try {
        this.#start = metadataStart(this.value);
      } catch (error) {
        throw faultOfValue(this.key, this.value, error);
      }
      this.#place = versionPlace(this.value, this.#start);
    }
    return this.#start;
  }

  #versionPlace(): number {
    this.#metadata();
    return this.#place;
  }
}
