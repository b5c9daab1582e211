import { maxNesting } from '@coxswain/machinery';

/** Bytes that are no protobuf message of the expected form. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
  readonly code = 'ERR_PROTOBUF';
}

/** One level of JSON is two messages where it may be a schema or something else. */
const maxMessages = 2 * maxNesting;

/** Reads protobuf fields between two offsets of a buffer. */
export class WireReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  /** How many messages this one lies in. */
  readonly #depth: number;
  #at: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length, depth = 0) {
    if (depth > maxMessages) throw new ProtobufError('proto: exceeded max depth');
    this.#depth = depth;
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** A varint as an unsigned number; exact up to 2^53. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw new ProtobufError('unexpected EOF');
      const byte = this.#buffer[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A varint as the signed 64-bit integer that it stands for. */
  signed(): number {
    const start = this.#at;
    const value = this.unsigned();
    if (this.#at - start < 10) return value;
    let exact = 0n;
    for (let i = 0; i < 10; i++) exact |= BigInt((this.#buffer[start + i] as number) & 0x7f) << BigInt(7 * i);
    return Number(BigInt.asIntN(64, exact));
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

  text(): string {
    const start = this.#takeLength();
    return this.#buffer.toString('utf8', start, this.#at);
  }

  bytes(): Buffer {
    const start = this.#takeLength();
    return this.#buffer.subarray(start, this.#at);
  }

  skip(wire: number): void {
    if (wire === 0) this.unsigned();
    else if (wire === 1) this.#advance(8);
    else if (wire === 2) this.#takeLength();
    else if (wire === 5) this.#advance(4);
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }

  #takeLength(): number {
    const size = this.unsigned();
    const start = this.#at;
    this.#advance(size);
    return start;
  }

  #advance(size: number): void {
    this.#need(size);
    this.#at += size;
  }

  #need(size: number): void {
    if (this.#end - this.#at < size) throw new ProtobufError('unexpected EOF');
  }
}
