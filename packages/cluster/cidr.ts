import { ClusterError } from './cluster-error.ts';

/** An IPv4 block. */
export interface Cidr {
  /** First address, as an unsigned 32-bit number. */
  readonly base: number;
  /** Prefix length, 0 to 32. */
  readonly bits: number;
}

/** The number of a dotted quad, or undefined when it is none. */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** The dotted quad of an unsigned 32-bit number. */
function formatIPv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** @throws ClusterError INVALID_OPTION unless `text` is `a.b.c.d/n` with no host bits set */
export function parseCidr(text: string): Cidr {
  const [address = '', length = ''] = text.split('/');
  const base = parseIPv4(address);
  const bits = Number(length);
  if (base === undefined || !/^\d{1,2}$/.test(length) || bits > 32) {
    throw new ClusterError('INVALID_OPTION', `cannot read "${text}" as an IPv4 block such as 10.244.0.0/16`);
  }
  if (base % 2 ** (32 - bits) !== 0) {
    throw new ClusterError('INVALID_OPTION', `the IPv4 block "${text}" has bits set beyond its prefix`);
  }
  return { base, bits };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIPv4(cidr.base)}/${cidr.bits}`;
}

/** How many addresses the block has. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.bits);
}

/** The dotted quad at `index` in the block; index 0 is the network's own address. */
export function addressAt(cidr: Cidr, index: number): string {
  if (index >= cidrSize(cidr)) {
    throw new ClusterError('INVALID_OPTION', `the block ${formatCidr(cidr)} has no address number ${index}`);
  }
  return formatIPv4(cidr.base + index);
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  const bits = Math.min(a.bits, b.bits);
  const size = 2 ** (32 - bits);
  return Math.floor(a.base / size) === Math.floor(b.base / size);
}
