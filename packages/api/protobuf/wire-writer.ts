import type { Int64 } from '@coxswain/machinery';

/** Strings up to this length are written by hand when they are ASCII: a native call costs more. */
const shortString = 40;

/**
 * Writes protobuf from the last byte to the first, so that the length of a nested message is known when its
 * header is written and nothing is measured twice.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #at = 4096;

  /** How many bytes are written. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  /** A copy of what was written; the writer is empty afterwards. */
  finish(): Buffer {
    const out = Buffer.from(this.#buffer.subarray(this.#at));
    this.#at = this.#buffer.length;
    return out;
  }

  #reserve(size: number): void {
    if (this.#at >= size) return;
    const used = this.length;
    let capacity = this.#buffer.length * 2;
    while (capacity - used < size) capacity *= 2;
    const grown = Buffer.allocUnsafe(capacity);
    this.#buffer.copy(grown, capacity - used, this.#at);
    this.#buffer = grown;
    this.#at = capacity - used;
  }

  /** A varint of an integer; negative ones take ten bytes, as int32 and int64 do. */
  varint(value: Int64): void {
    this.#reserve(10);
    if (typeof value === 'bigint') {
      this.#exact(value);
      return;
    }
    if (value >= 0 && value < 0x80) {
      this.#buffer[--this.#at] = value;
      return;
    }
    if (value < 0) {
      this.#exact(BigInt(value));
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.#at -= size;
    let at = this.#at;
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[at] = rest;
  }

  #exact(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  /** A field's header. @param wire 0 varint, 1 eight bytes, 2 with a length */
  tag(number: number, wire: 0 | 1 | 2): void {
    this.varint(number * 8 + wire);
  }

  /** Ends a field with a length that began when the writer had `before` bytes. */
  closeField(number: number, before: number): void {
    this.varint(this.length - before);
    this.tag(number, 2);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
  }

  /** The text's UTF-8, without its length. */
  text(value: string): void {
    if (value.length <= shortString && this.#ascii(value)) return;
    const size = Buffer.byteLength(value, 'utf8');
    this.#reserve(size);
    this.#at -= size;
    this.#buffer.write(value, this.#at, size, 'utf8');
  }

  #ascii(value: string): boolean {
    this.#reserve(value.length);
    const start = this.#at - value.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#buffer[start + i] = code;
    }
    this.#at = start;
    return true;
  }
}
