import { isUtf8 } from 'node:buffer';

const replacement = '\ufffd';

/** Bytes as Go writes them in JSON: each that is no UTF-8 is a replacement character of its own. */
export function goString(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const size = sizeAt(buffer, at);
    text += size === 0 ? replacement : buffer.toString('utf8', at, at + size);
    at += Math.max(size, 1);
  }
  return text;
}

/** How many bytes the character has; 0 where none begins. */
function sizeAt(buffer: Buffer, at: number): number {
  const first = buffer[at] as number;
  if (first < 0x80) return 1;
  const size = first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0;
  return size > 0 && at + size <= buffer.length && isUtf8(buffer.subarray(at, at + size)) ? size : 0;
}
