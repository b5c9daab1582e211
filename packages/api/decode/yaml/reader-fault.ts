/** The reader takes in so many bytes at a time and looks at all of them first. */
const chunkSize = 512;

/** What YAML lets a text consist of. */
const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** What the reader would not take of a text. */
export interface ReaderFault {
  readonly problem: string;
  /** Code units that can be read before it is met. */
  readonly limit: number;
}

/** The first character that a YAML text may not have, or bytes that are none. */
export function readerFault(text: string, bytes: Uint8Array | undefined): ReaderFault | undefined {
  const bad = bytes === undefined ? undefined : badBytes(bytes);
  const found = text.search(forbidden);
  if (found < 0 && bad === undefined) return undefined;
  const offset = found < 0 ? Number.POSITIVE_INFINITY : Buffer.byteLength(text.slice(0, found));
  if (bad !== undefined && bad.offset <= offset) return { ...bad, limit: unitsBefore(text, bad.offset) };
  return { problem: 'control characters are not allowed', limit: unitsBefore(text, offset) };
}

/** How many code units the chunks before the one with that byte have. */
function unitsBefore(text: string, offset: number): number {
  const whole = Math.floor(offset / chunkSize) * chunkSize;
  return whole === 0 ? 0 : Buffer.from(text).subarray(0, whole).toString().length;
}

/** The first bytes that are no UTF-8, in libyaml's words. */
function badBytes(bytes: Uint8Array): { readonly problem: string; readonly offset: number } | undefined {
  for (let offset = 0; offset < bytes.length; ) {
    const first = bytes[offset] as number;
    const size = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0;
    if (size === 0) return { problem: 'invalid leading UTF-8 octet', offset };
    if (offset + size > bytes.length) return { problem: 'incomplete UTF-8 octet sequence', offset };
    let code = size === 1 ? first : first & (0x7f >> size);
    for (let i = 1; i < size; i++) {
      const next = bytes[offset + i] as number;
      if (next >> 6 !== 2) return { problem: 'invalid trailing UTF-8 octet', offset };
      code = (code << 6) | (next & 0x3f);
    }
    if (code < ([0, 0, 0x80, 0x800, 0x10000][size] as number))
      return { problem: 'invalid length of a UTF-8 sequence', offset };
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
      return { problem: 'invalid Unicode character', offset };
    offset += size;
  }
  return undefined;
}
