/** SPDY/3.1 framing, as far as one that opens streams and moves data needs it. */

const version = 3;
const controlBit = 0x8000;
const maxStoredBlock = 0xffff;

/** Control frame types (SPDY/3.1, section 2.6). */
export const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;

export const flagFin = 0x01;

export type SpdyFrame =
  | { readonly kind: 'data'; readonly streamId: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer };

/** A header block is one zlib stream over all frames of a direction; it announces SPDY's dictionary. */
const zlibStart = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);

/** An empty stored block: readers hand on what they hold when they meet it, and not before. */
const flush = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

/**
 * Writes header blocks. They are stored, not compressed: a stored block is valid in any zlib stream, ends on a
 * byte, and needs no state of a compressor.
 */
export class HeaderWriter {
  #started = false;

  write(headers: Readonly<Record<string, string>>): Buffer {
    const parts: Buffer[] = [uint32(Object.keys(headers).length)];
    for (const [name, value] of Object.entries(headers)) {
      for (const text of [name.toLowerCase(), value]) {
        const bytes = Buffer.from(text);
        parts.push(uint32(bytes.length), bytes);
      }
    }
    const block = Buffer.concat(parts);
    const stored: Buffer[] = this.#started ? [] : [zlibStart];
    this.#started = true;
    for (let at = 0; at < block.length; at += maxStoredBlock) {
      const piece = block.subarray(at, at + maxStoredBlock);
      const head = Buffer.alloc(5);
      head.writeUInt16LE(piece.length, 1);
      head.writeUInt16LE(~piece.length & 0xffff, 3);
      stored.push(head, piece);
    }
    return Buffer.concat([...stored, flush]);
  }
}

export function synStream(streamId: number, headerBlock: Buffer): Buffer {
  // Stream id, associated stream id, priority and slot.
  const fixed = Buffer.alloc(10);
  fixed.writeUInt32BE(streamId, 0);
  return control(frameTypes.synStream, 0, Buffer.concat([fixed, headerBlock]));
}

export function control(type: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(controlBit | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(((flags << 24) | body.length) >>> 0, 4);
  return Buffer.concat([head, body]);
}

export function dataFrame(streamId: number, data: Buffer, fin: boolean): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt32BE((((fin ? flagFin : 0) << 24) | data.length) >>> 0, 4);
  return Buffer.concat([head, data]);
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): SpdyFrame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: SpdyFrame[] = [];
    while (this.#rest.length >= 8) {
      const word = this.#rest.readUInt32BE(4);
      const length = word & 0xffffff;
      if (this.#rest.length < 8 + length) break;
      const flags = word >>> 24;
      const body = this.#rest.subarray(8, 8 + length);
      const first = this.#rest.readUInt16BE(0);
      frames.push(
        first & controlBit
          ? { kind: 'control', type: this.#rest.readUInt16BE(2), flags, body }
          : {
              kind: 'data',
              streamId: this.#rest.readUInt32BE(0) & 0x7fffffff,
              fin: (flags & flagFin) !== 0,
              data: body,
            },
      );
      this.#rest = this.#rest.subarray(8 + length);
    }
    return frames;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
