import { type Int64, int64Of, maxTypedNesting } from '@coxswain/machinery';
import { goString } from '../decode/go-string.ts';

/** Bytes that are no protobuf message of the expected form; the message is that of Go's generated code. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
  readonly code = 'ERR_PROTOBUF';
}

/** One level of JSON is two messages where it may be a schema or something else. */
const maxMessages = 2 * maxTypedNesting;

export const varintWire = 0;
export const doubleWire = 1;
export const lengthWire = 2;
const groupStart = 3;
const groupEnd = 4;
const fixed32Wire = 5;

/** A varint has at most so many bytes. */
const longestVarint = 10;
const int64Max = 2n ** 63n - 1n;

/** Reads the fields of one message, in Go's order of checks. */
export class WireReader {
  readonly #buffer: Buffer;
  /** Where the message ends, */
  readonly #end: number;
  /** and up to where Go's code reads: an entry of a map may reach into what follows it. */
  readonly #limit: number;
  /** How many messages this one lies in. */
  readonly #depth: number;
  #at: number;
  /** Of the field that `next` found. */
  number = 0;
  wire = 0;
  /** Where its tag begins. */
  #tagAt = 0;

  constructor(buffer: Buffer, start = 0, end = buffer.length, depth = 0, limit = end) {
    if (depth > maxMessages) throw new ProtobufError('proto: exceeded max depth');
    this.#depth = depth;
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
    this.#limit = limit;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /**
   * Goes to the next field; false at the end.
   *
   * @param message Go's name of the message
   */
  next(message: string): boolean {
    if (!this.nextInEntry()) return false;
    if (this.wire === groupEnd)
      throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`);
    if (this.number <= 0) {
      const tag = this.#exactAt(this.#tagAt);
      throw new ProtobufError(`proto: ${message}: illegal tag ${this.number} (wire type ${tag})`);
    }
    return true;
  }

  /** The same in an entry of a map, whose tags Go does not check. */
  nextInEntry(): boolean {
    if (this.#at >= this.#end) return false;
    this.#tagAt = this.#at;
    const tag = this.unsigned();
    this.wire = tag % 8;
    if (tag < 2 ** 31) {
      this.number = tag >>> 3;
    } else {
      const exact = this.#exactAt(this.#tagAt);
      this.wire = Number(exact & 7n);
      this.number = Number(BigInt.asIntN(32, exact >> 3n));
    }
    return true;
  }

  /** Refuses the field when it is written in another way than its type takes. */
  expect(wire: number, field: string): void {
    if (this.wire !== wire)
      throw new ProtobufError(`proto: wrong wireType = ${this.wire} for field ${field}`);
  }

  /** A varint as an unsigned number; exact up to 2^53. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < longestVarint; i++) {
      if (this.#at >= this.#limit) throw new ProtobufError('unexpected EOF');
      const byte = this.#buffer[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A varint as the signed 64-bit integer that it stands for. */
  signed(): Int64 {
    const start = this.#at;
    const value = this.unsigned();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    const exact = BigInt.asIntN(64, this.#exactAt(start));
    return int64Of(exact) ?? exact;
  }

  /** The low half of a varint, signed. */
  signed32(): number {
    const start = this.#at;
    const value = this.unsigned();
    return value <= Number.MAX_SAFE_INTEGER ? value | 0 : Number(BigInt.asIntN(32, this.#exactAt(start)));
  }

  /** A varint that was read already, with all of its bits. */
  #exactAt(start: number): bigint {
    let exact = 0n;
    for (let i = 0; i < longestVarint; i++) {
      const byte = this.#buffer[start + i] as number;
      exact |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) break;
    }
    return BigInt.asUintN(64, exact);
  }

  double(): number {
    this.#need(8);
    this.#at += 8;
    return this.#buffer.readDoubleLE(this.#at - 8);
  }

  /** The content of a field with a length, as a reader of its own. */
  message(): WireReader {
    const start = this.#takeLength();
    return new WireReader(this.#buffer, start, this.#at, this.#depth + 1);
  }

  /** The same of an entry of a map. */
  entry(): WireReader {
    const start = this.#takeLength();
    return new WireReader(this.#buffer, start, this.#at, this.#depth + 1, this.#limit);
  }

  text(): string {
    const start = this.#takeLength();
    return goString(this.#buffer.subarray(start, this.#at));
  }

  bytes(): Buffer {
    const start = this.#takeLength();
    return this.#buffer.subarray(start, this.#at);
  }

  /** Passes over the field that `next` found, a group with all that is in it. */
  skip(): void {
    let open = 0;
    let wire = this.wire;
    for (;;) {
      if (wire === varintWire) this.unsigned();
      else if (wire === doubleWire) this.#at += 8;
      else if (wire === lengthWire) this.#skipLength();
      else if (wire === groupStart) open++;
      else if (wire === fixed32Wire) this.#at += 4;
      else if (wire !== groupEnd) throw new ProtobufError(`proto: illegal wireType ${wire}`);
      else if (open-- === 0) throw new ProtobufError('proto: unexpected end of group');
      if (open === 0) break;
      if (this.#at >= this.#limit) throw new ProtobufError('unexpected EOF');
      wire = this.unsigned() % 8;
    }
    if (this.#at > this.#end) throw new ProtobufError('unexpected EOF');
  }

  #length(): number {
    const start = this.#at;
    const size = this.unsigned();
    if (size > Number.MAX_SAFE_INTEGER && this.#exactAt(start) > int64Max - BigInt(this.#at))
      throw new ProtobufError('proto: negative length found during unmarshaling');
    return size;
  }

  #skipLength(): void {
    const size = this.#length();
    this.#at += size;
  }

  #takeLength(): number {
    const size = this.#length();
    const start = this.#at;
    this.#need(size);
    this.#at += size;
    return start;
  }

  #need(size: number): void {
    if (this.#limit - this.#at < size) throw new ProtobufError('unexpected EOF');
  }
}
