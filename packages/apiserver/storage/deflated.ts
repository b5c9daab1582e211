import { constants, crc32, deflateRawSync } from 'node:zlib';
import { crcShift } from './crc32.ts';
import { ownCopy } from './own-bytes.ts';

/**
 * A piece of a deflate stream that refers to nothing before it, so that it fits behind any other, with what the
 * trailer of gzip needs of its text.
 */
export interface Deflated {
  readonly bytes: Buffer;
  readonly crc: number;
  /** See `crcShift`. */
  readonly shift: number;
}

/** Level 1 as upstream; a window of 8 KB starts three times as fast as one of 32 and is enough for one object. */
const options = { level: 1, windowBits: 13, memLevel: 6 };

/** @param last the stream ends with this piece */
export function deflated(text: Buffer, last = false): Deflated {
  const finishFlush = last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  return {
    bytes: ownCopy(deflateRawSync(text, { ...options, finishFlush })),
    crc: crc32(text),
    shift: crcShift(text.length),
  };
}
