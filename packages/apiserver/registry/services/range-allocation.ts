/** Which numbers of a range are taken, as upstream stores it: a core/v1 RangeAllocation. */
export interface RangeAllocation {
  /** `30000-32767` */
  readonly range: string;
  /** A big-endian number whose bit i stands for the i-th of the range. */
  readonly bits: bigint;
}

/** `k8s` and a zero byte, then runtime.Unknown: type meta, raw message, content encoding and type. */
const magic = Buffer.from('k8s\0', 'latin1');
const typeMeta = Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('RangeAllocation'))]);
const nothing = Buffer.alloc(0);

/** The stored form, protobuf; every server reads it whatever form it writes objects in. */
export function encodeRangeAllocation({ range, bits }: RangeAllocation): Buffer {
  const hex = bits === 0n ? '' : bits.toString(16);
  const data = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const raw = Buffer.concat([field(1, nothing), field(2, Buffer.from(range)), field(3, data)]);
  return Buffer.concat([magic, field(1, typeMeta), field(2, raw), field(3, nothing), field(4, nothing)]);
}

/** Reads what a server stored, protobuf or JSON. */
export function decodeRangeAllocation(value: Uint8Array): RangeAllocation {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    const { range = '', data = '' } = JSON.parse(bytes.toString('utf8')) as { range?: string; data?: string };
    return { range, bits: numberOf(Buffer.from(data, 'base64')) };
  }
  const raw = fields(bytes.subarray(magic.length)).get(2) ?? nothing;
  const members = fields(raw);
  return {
    range: (members.get(2) ?? nothing).toString('utf8'),
    bits: numberOf(members.get(3) ?? nothing),
  };
}

function numberOf(data: Buffer): bigint {
  return data.length === 0 ? 0n : BigInt(`0x${data.toString('hex')}`);
}

/** A length-delimited field. */
function field(number: number, content: Buffer): Buffer {
  const length: number[] = [];
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), content]);
}

/** The length-delimited fields of a message whose fields are all of that kind. */
function fields(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < message.length; ) {
    const tag = message[at++] as number;
    if ((tag & 7) !== 2)
      throw new Error(`decode a RangeAllocation: field ${tag >> 3} has wire type ${tag & 7}`);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    found.set(tag >> 3, message.subarray(at, at + length));
    at += length;
  }
  return found;
}
