import { ownCopy } from '../own-bytes.ts';

/** A slice is done when it is so long: 0.2 ms of encryption, and some 50 pods. */
const sliceSize = 256 * 1024;
/** Room for the item that ends a slice. */
const slack = 16 * 1024;

const bufferSize = sliceSize + slack;
const none = Buffer.alloc(0);

/**
 * Buffers of slices that were sent. New ones would be some hundred MB a second of memory outside of the heap,
 * which makes the engine collect garbage where there is none.
 */
const free: Buffer<ArrayBuffer>[] = [];
/** 8 MB: as many lists at a time. */
const freeLimit = 32;
/** Buffers that were made and have not come back. */
let away = 0;

/** The buffers made here; others pass through `recycle` too. */
const own = new WeakSet<object>();

/** Takes back a slice that nobody reads any more. */
export function recycle(slice: Uint8Array): void {
  if (!own.has(slice.buffer)) return;
  away--;
  if (free.length < freeLimit) free.push(Buffer.from(slice.buffer as ArrayBuffer));
}

function takeBuffer(): Buffer<ArrayBuffer> {
  away++;
  const known = free.pop();
  if (known !== undefined) return known;
  const fresh = Buffer.allocUnsafeSlow(bufferSize);
  own.add(fresh.buffer);
  return fresh;
}

/** Puts a long body together slice by slice, copying each byte once. */
export class SliceWriter {
  /** Empty until something is written. */
  #buffer: Buffer<ArrayBuffer> = none;
  #at = 0;

  /** It is time to take the slice. */
  get full(): boolean {
    return this.#at >= sliceSize;
  }

  bytes(source: Uint8Array, start = 0, end = source.length): void {
    this.#reserve(end - start);
    this.#buffer.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.#at);
    this.#at += end - start;
  }

  /** Text of ASCII alone. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#at += this.#buffer.write(text, this.#at, 'latin1');
  }

  text(text: string): void {
    // UTF-8 needs at most three bytes for a UTF-16 unit
    this.#reserve(text.length * 3);
    this.#at += this.#buffer.write(text, this.#at, 'utf8');
  }

  /** A number as protobuf writes it. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[this.#at++] = (rest % 0x80) | 0x80;
    this.#buffer[this.#at++] = rest;
  }

  /** What was written since the last time. */
  take(): Buffer {
    const slice = this.#buffer.subarray(0, this.#at);
    this.#buffer = none;
    this.#at = 0;
    // Thousands of watches that begin with little would hold a large buffer each until their clients have read.
    if (away <= freeLimit || slice.length > bufferSize / 2 || !own.has(slice.buffer)) return slice;
    const copy = ownCopy(slice);
    recycle(slice);
    return copy;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    if (this.#buffer === none && size <= bufferSize) {
      this.#buffer = takeBuffer();
      return;
    }
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + size));
    this.#buffer.copy(grown, 0, 0, this.#at);
    recycle(this.#buffer);
    this.#buffer = grown;
  }
}

/** How many bytes a varint takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
