/** RFC 1035 section 4.1.1: bytes of a message's header. */
const headerSize = 12;

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** What the first bytes of a message say. */
export interface Header {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly questions: number;
}

/** Reads the header; undefined when the message is too short to have one. */
export function readHeader(message: Uint8Array): Header | undefined {
  if (message.length < headerSize) return undefined;
  const [a, b, c, , d, e] = message as unknown as [number, number, number, number, number, number];
  return { id: (a << 8) | b, response: (c & 0x80) !== 0, opcode: (c >> 3) & 15, questions: (d << 8) | e };
}

export function setId(message: Uint8Array, id: number): void {
  message[0] = id >> 8;
  message[1] = id & 255;
}

/** All of a query but its id, as a key for a cache: equal keys are equal questions, flags and options. */
export function queryKey(query: Buffer): string {
  return query.toString('latin1', 2);
}

/** A bare answer with a code and nothing else, for queries that cannot be understood. */
export function errorResponse(query: Uint8Array, rcode: number): Buffer {
  const response = Buffer.alloc(headerSize);
  response[0] = query[0] as number;
  response[1] = query[1] as number;
  // QR; opcode and RD as they came.
  response[2] = 0x80 | ((query[2] as number) & 0x79);
  response[3] = 0x80 | rcode;
  return response;
}

/** Truncated: the client must ask again over TCP. */
export function isTruncated(message: Uint8Array): boolean {
  return ((message[2] as number) & 2) !== 0;
}

export function responseCode(message: Uint8Array): number {
  return (message[3] as number) & 15;
}

/** Where the TTLs of a message's records are, but for OPT; undefined when the message is broken. */
export function ttlOffsets(message: Buffer): number[] | undefined {
  try {
    const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at)) as [number, number, number, number];
    let at = headerSize;
    for (let i = 0; i < counts[0]; i++) at = skipName(message, at) + 4;
    const offsets: number[] = [];
    for (let i = counts[1] + counts[2] + counts[3]; i > 0; i--) {
      at = skipName(message, at);
      if (message.readUInt16BE(at) !== optType) offsets.push(at + 4);
      at += 10 + message.readUInt16BE(at + 8);
    }
    return at <= message.length ? offsets : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** RFC 6891: a pseudo-record whose TTL holds flags. */
const optType = 41;

function skipName(message: Buffer, start: number): number {
  for (let at = start; ; ) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) return at + 2;
    at += length + 1;
    if (length === 0) return at;
  }
}
