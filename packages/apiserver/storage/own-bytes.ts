/**
 * Bytes that live long are kept in memory of their own. A short buffer of Node.js is a piece of 64 KB that it shares
 * with others, and all of it lives as long as the last of them: stored objects of 1 KB could take 64 times as much.
 */

/** Text in UTF-8. */
export function ownBytes(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafeSlow(size);
  // What is as long in bytes as in characters is ASCII, which is copied as it is.
  bytes.write(text, 0, size, size === text.length ? 'latin1' : 'utf8');
  return bytes;
}

/** The same bytes. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
