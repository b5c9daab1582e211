/** Universal and context tags that X.509 and PKCS #10 use (X.690). */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The context tag `[n]`, constructed unless told otherwise. */
export function contextTag(n: number, constructed = true): number {
  return (constructed ? 0xa0 : 0x80) | n;
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** One tag-length-value. */
export function encode(tagByte: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tagByte, ...lengthBytes(body.length)]), body]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => encode(tag.sequence, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => encode(tag.set, ...items);
export const octetString = (bytes: Uint8Array): Buffer => encode(tag.octetString, bytes);
export const utf8String = (text: string): Buffer => encode(tag.utf8String, Buffer.from(text, 'utf8'));
export const boolean = (value: boolean): Buffer => encode(tag.boolean, Buffer.from([value ? 0xff : 0]));

/** A bit string whose last `unused` bits do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return encode(tag.bitString, Buffer.from([unused]), bytes);
}

/** A non-negative integer given as big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  const negative = ((trimmed[0] ?? 0) & 0x80) !== 0;
  return encode(tag.integer, negative ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const arcs = dotted.split('.').map(Number);
  const bytes = [(arcs[0] as number) * 40 + (arcs[1] as number)];
  for (const arc of arcs.slice(2)) {
    const septets = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
      septets.unshift((rest % 128) | 0x80);
    }
    bytes.push(...septets);
  }
  return encode(tag.oid, Buffer.from(bytes));
}

/** UTCTime to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export function time(ms: number): Buffer {
  const date = new Date(ms);
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? encode(tag.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : encode(tag.generalizedTime, Buffer.from(`${digits}Z`));
}

/** One decoded element; `contents` and `whole` are views of the input. */
export interface Element {
  readonly tag: number;
  readonly contents: Uint8Array;
  /** Tag, length and contents. */
  readonly whole: Uint8Array;
}

/** The bytes are not DER. */
export class DerError extends Error {
  override readonly name = 'DerError';
  readonly code = 'DER_MALFORMED';
}

/** Reads the element at `offset`. Throws `DerError` when it runs past the end. */
export function readElement(bytes: Uint8Array, offset = 0): Element {
  const tagByte = bytes[offset];
  let length = bytes[offset + 1];
  if (tagByte === undefined || length === undefined) throw new DerError('reading DER: unexpected end');
  let start = offset + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new DerError('reading DER: unsupported length form');
    length = 0;
    for (let i = 0; i < count; i++) {
      const byte = bytes[start + i];
      if (byte === undefined) throw new DerError('reading DER: unexpected end');
      length = length * 256 + byte;
    }
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError('reading DER: unexpected end');
  return { tag: tagByte, contents: bytes.subarray(start, end), whole: bytes.subarray(offset, end) };
}

/** The elements inside a constructed one. */
export function children(element: Element): Element[] {
  const out: Element[] = [];
  for (let offset = 0; offset < element.contents.length; ) {
    const child = readElement(element.contents, offset);
    out.push(child);
    offset += child.whole.length;
  }
  return out;
}

/** The dotted form of an object identifier's contents. */
export function readOid(element: Element): string {
  const bytes = element.contents;
  const first = bytes[0] ?? 0;
  const arcs = [Math.min(2, Math.floor(first / 40)), 0];
  arcs[1] = first - (arcs[0] as number) * 40;
  let value = 0;
  for (const byte of bytes.subarray(1)) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) {
      arcs.push(value);
      value = 0;
    }
  }
  return arcs.join('.');
}

/** A string of any of the string types. */
export function readText(element: Element): string {
  return Buffer.from(element.contents).toString(element.tag === 0x14 ? 'latin1' : 'utf8');
}

/** UTCTime or GeneralizedTime in milliseconds since 1970. */
export function readTime(element: Element): number {
  let digits = readText(element).replace(/Z$/, '');
  if (element.tag === tag.utcTime) digits = `${Number(digits.slice(0, 2)) >= 50 ? '19' : '20'}${digits}`;
  const [y, mo, d, h, mi, s] = [0, 4, 6, 8, 10, 12].map((at, i) =>
    Number(digits.slice(at, at + (i ? 2 : 4))),
  );
  return Date.UTC(y as number, (mo as number) - 1, d, h, mi, s);
}
