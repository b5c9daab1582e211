import { combineCrc } from '../../storage/crc32.ts';
import { type Deflated, deflated } from '../../storage/deflated.ts';
import type { Entry } from '../../storage/entry.ts';
import { recycle, SliceWriter } from '../../storage/lists/slice-writer.ts';

/** RFC 1952: deflate, no name, no time, fastest, unknown system. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** Bytes that are compressed before others get their turn, in some 3 ms. */
const compressedAtOnce = 128 * 1024;
const nothing = Buffer.alloc(0);

/**
 * A JSON list through gzip, in slices. Every object is compressed by itself and once for all lists, which takes
 * more bytes than a stream over all of them would, and a tenth of the time.
 *
 * @param head everything before the first item; there must be one
 * @param length of the whole list before compression
 */
export function* gzipSlices(
  head: string,
  entries: readonly Entry[],
  end: string,
  length: number,
): Generator<Buffer> {
  const out = new SliceWriter();
  let crc = 0;
  const add = (piece: Deflated): void => {
    crc = combineCrc(crc, piece.crc, piece.shift);
    out.bytes(piece.bytes);
  };
  out.bytes(header);
  const [first, ...rest] = entries;
  const begin = new SliceWriter();
  begin.text(head);
  first?.writeItem(begin);
  const beginning = begin.take();
  add(deflated(beginning));
  recycle(beginning);
  let compressed = 0;
  for (const entry of rest) {
    if (!entry.hasDeflated) compressed += entry.value.length;
    add(entry.deflatedItem);
    if (out.full) yield out.take();
    else if (compressed >= compressedAtOnce) yield nothing;
    else continue;
    compressed = 0;
  }
  add(deflated(Buffer.from(end), true));
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  out.bytes(trailer);
  yield out.take();
}
