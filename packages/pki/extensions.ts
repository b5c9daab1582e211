import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, boolean, contextTag, encode, integer, octetString, oid, sequence } from './der.ts';
import { generalNameTag } from './general-name.ts';

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

export function basicConstraints(ca: boolean): Buffer {
  return extension('2.5.29.19', true, ca ? sequence(boolean(true)) : sequence());
}

/** Bits of KeyUsage (RFC 5280, 4.2.1.3), the first one being the highest of the first byte of two. */
const keyUsageBit = {
  digitalSignature: 0x8000,
  contentCommitment: 0x4000,
  keyEncipherment: 0x2000,
  dataEncipherment: 0x1000,
  keyAgreement: 0x0800,
  keyCertSign: 0x0400,
  cRLSign: 0x0200,
  encipherOnly: 0x0100,
  decipherOnly: 0x0080,
} as const;

export type KeyUsage = keyof typeof keyUsageBit;

/** Trailing bits that are not set are left out, and the second byte with them. */
export function keyUsages(usages: readonly KeyUsage[]): Buffer {
  const bits = usages.reduce((all, usage) => all | keyUsageBit[usage], 0);
  let unused = 0;
  while (unused < 15 && ((bits >> unused) & 1) === 0) unused++;
  const bytes = unused < 8 ? [bits >> 8, bits & 0xff] : [bits >> 8];
  return extension('2.5.29.15', true, bitString(Buffer.from(bytes), unused % 8));
}

export function extendedKeyUsages(usages: readonly string[]): Buffer {
  return extension('2.5.29.37', false, sequence(...usages.map(oid)));
}

/** SHA-1 of the public key's bits (RFC 5280, 4.2.1.2): a name, not a protection. */
export function keyIdentifier(publicKeyInfo: Uint8Array): Buffer {
  return createHash('sha1').update(publicKeyInfo).digest().subarray(0, 20);
}

export function subjectKeyIdentifier(id: Uint8Array): Buffer {
  return extension('2.5.29.14', false, octetString(id));
}

export function authorityKeyIdentifier(id: Uint8Array): Buffer {
  return extension('2.5.29.35', false, sequence(encode(contextTag(0, false), id)));
}

/** IPv4 or IPv6 text as network bytes. */
function ipBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : `${dotted[1]}${hex16(Number(dotted[2]), Number(dotted[3]))}:${hex16(Number(dotted[4]), Number(dotted[5]))}`;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  const out = Buffer.alloc(16);
  [...left, ...zeros, ...right].forEach((group, i) => {
    out.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  });
  return out;
}

function hex16(high: number, low: number): string {
  return (high * 256 + low).toString(16);
}

/** Other names of a subject. */
export interface AltNames {
  /** DNS names and IP addresses, told apart by their form. */
  readonly altNames?: readonly string[];
  readonly emailAddresses?: readonly string[];
  readonly uris?: readonly string[];
}

/** The names in the order DNS, e-mail, IP, URI; nothing where there are none. Critical when the subject has no name. */
export function subjectAltNames(names: AltNames, critical = false): Buffer[] {
  const { altNames = [], emailAddresses = [], uris = [] } = names;
  const text = (tagByte: number) => (name: string) => encode(tagByte, Buffer.from(name, 'latin1'));
  const general = [
    ...altNames.filter((name) => isIP(name) === 0).map(text(generalNameTag.dns)),
    ...emailAddresses.map(text(generalNameTag.email)),
    ...altNames
      .filter((name) => isIP(name) !== 0)
      .map((address) => encode(generalNameTag.ip, ipBytes(address))),
    ...uris.map(text(generalNameTag.uri)),
  ];
  return general.length === 0 ? [] : [extension('2.5.29.17', critical, sequence(...general))];
}

/** The wrapper of all extensions in a certificate: explicit [3]. */
export function extensions(items: readonly Buffer[]): Buffer {
  return encode(contextTag(3), sequence(...items));
}

/** Version 3: explicit [0] of the integer 2. */
export const version3: Buffer = encode(contextTag(0), integer(Buffer.from([2])));
