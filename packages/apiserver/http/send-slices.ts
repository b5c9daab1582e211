import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { nextTurn } from '@coxswain/machinery';
import { recycle } from '../storage/lists/slice-writer.ts';

/** So much may wait in a stream before the next slice is made. */
const waitingLimit = 512 * 1024;

/**
 * Sends slices as fast as they are taken; the next one is made when the stream has room, and other requests
 * get their turn in between. Stops when the stream closes. The slices are the stream's: nobody else may hold
 * them.
 */
export async function sendSlices(out: Writable, slices: Iterable<Uint8Array>): Promise<void> {
  for (const slice of slices) {
    if (out.destroyed) {
      recycle(slice);
      return;
    }
    if (slice.length > 0) out.write(slice, () => recycle(slice));
    await roomIn(out);
  }
  out.end();
}

/** The same through gzip, whose work is done by threads of the pool. */
export async function sendCompressed(out: Writable, slices: Iterable<Uint8Array>): Promise<void> {
  const gzip = createGzip({ level: 1, chunkSize: 64 * 1024 });
  gzip.on('error', (error) => out.destroy(error));
  out.once('close', () => gzip.destroy());
  gzip.pipe(out);
  await sendSlices(gzip, slices);
}

/** Resolves when a stream takes more, at the next turn of the event loop at the earliest. */
export function roomIn(out: Writable): Promise<void> {
  // Of many streams that have room at once each waits for its turn.
  return out.writableLength < waitingLimit || out.destroyed ? nextTurn() : drained(out).then(nextTurn);
}

function drained(out: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      out.off('drain', done);
      out.off('close', done);
      resolve();
    };
    out.on('drain', done);
    out.on('close', done);
  });
}
