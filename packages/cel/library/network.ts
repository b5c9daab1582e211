import { isIP } from 'node:net';
import { parseCIDR, parseIPNumber } from '@coxswain/machinery';
import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelOpaque } from '../values.ts';

interface Address {
  readonly bits: 32 | 128;
  readonly number: bigint;
}

class IPValue implements CelOpaque {
  readonly typeName = 'net.IP';
  readonly address: Address;

  constructor(address: Address) {
    this.address = address;
  }

  equals(other: CelOpaque): boolean {
    return (
      other instanceof IPValue &&
      other.address.bits === this.address.bits &&
      other.address.number === this.address.number
    );
  }
}

class CidrValue implements CelOpaque {
  readonly typeName = 'net.CIDR';
  readonly address: Address;
  readonly prefix: number;

  constructor(address: Address, prefix: number) {
    this.address = address;
    this.prefix = prefix;
  }

  equals(other: CelOpaque): boolean {
    return (
      other instanceof CidrValue &&
      other.prefix === this.prefix &&
      new IPValue(this.address).equals(new IPValue(other.address))
    );
  }

  get masked(): CidrValue {
    const shift = BigInt(this.address.bits - this.prefix);
    return new CidrValue({ ...this.address, number: (this.address.number >> shift) << shift }, this.prefix);
  }

  contains({ bits, number }: Address): boolean {
    const shift = BigInt(this.address.bits - this.prefix);
    return bits === this.address.bits && number >> shift === this.address.number >> shift;
  }
}

/** Neither zones nor IPv4 in IPv6 form, as upstream's library has it. */
function parseAddress(text: string): Address | string {
  if (isIP(text.split('%')[0] as string) !== 0 && text.includes('%')) {
    return `IP address ${JSON.stringify(text)} with zone value is not allowed`;
  }
  const address = isIP(text) === 0 ? undefined : parseIPNumber(text);
  if (address === undefined) {
    return `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`;
  }
  if (address.bits === 128 && address.number >> 32n === 0xffffn) {
    return `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`;
  }
  return { bits: address.bits, number: address.number };
}

function ip(text: string): IPValue {
  const address = parseAddress(text);
  if (typeof address === 'string') throw new CelRuntimeError(address);
  return new IPValue(address);
}

function parsePrefix(text: string): CidrValue | undefined {
  const cidr = parseCIDR(text);
  if (cidr === undefined || typeof parseAddress(text.split('/')[0] as string) === 'string') return undefined;
  return new CidrValue({ bits: cidr.bits, number: cidr.number }, cidr.prefix);
}

function cidr(text: string): CidrValue {
  const value = parsePrefix(text);
  if (value === undefined) {
    throw new CelRuntimeError(
      `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`,
    );
  }
  return value;
}

function addressText({ bits, number }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((number >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

const within = (...prefixes: string[]): ((value: IPValue) => boolean) => {
  // Parsed when first asked for: every server loads this, few ask.
  let all: readonly CidrValue[] | undefined;
  return ({ address }) => {
    all ??= prefixes.map(cidr);
    return all.some((prefix) => prefix.contains(address));
  };
};

const isUnspecified = within('0.0.0.0/32', '::/128');
const isLoopback = within('127.0.0.0/8', '::1/128');
const isMulticast = within('224.0.0.0/4', 'ff00::/8');
const isLinkLocalUnicast = within('169.254.0.0/16', 'fe80::/10');
const isLinkLocalMulticast = within('224.0.0.0/24', 'ff02::/16');
const isBroadcast = within('255.255.255.255/32');

const isGlobalUnicast = (value: IPValue): boolean =>
  ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast, isBroadcast].some((is) => is(value));

const address = 'net.IP';
const network = 'net.CIDR';

function containsCidr(outer: CidrValue, inner: CidrValue): boolean {
  return outer.prefix <= inner.prefix && outer.contains(inner.masked.address);
}

/** IP addresses and networks. */
export const networkLibrary = new FunctionTable()
  .fn('ip', `string -> ${address}`, ip)
  .fn('isIP', 'string -> bool', (text: string) => typeof parseAddress(text) !== 'string')
  .fn('ip.isCanonical', 'string -> bool', (text: string) => addressText(ip(text).address) === text)
  .fn('string', `${address} -> string`, (value: IPValue) => addressText(value.address))
  .method('family', `${address} -> int`, (value: IPValue) => (value.address.bits === 32 ? 4n : 6n))
  .method('isUnspecified', `${address} -> bool`, isUnspecified)
  .method('isLoopback', `${address} -> bool`, isLoopback)
  .method('isLinkLocalMulticast', `${address} -> bool`, isLinkLocalMulticast)
  .method('isLinkLocalUnicast', `${address} -> bool`, isLinkLocalUnicast)
  .method('isGlobalUnicast', `${address} -> bool`, isGlobalUnicast)
  .fn('cidr', `string -> ${network}`, cidr)
  .fn('isCIDR', 'string -> bool', (text: string) => parsePrefix(text) !== undefined)
  .fn('string', `${network} -> string`, (value: CidrValue) => `${addressText(value.address)}/${value.prefix}`)
  .method('containsIP', `${network}, ${address} -> bool`, (outer: CidrValue, inner: IPValue) =>
    outer.contains(inner.address),
  )
  .method('containsIP', `${network}, string -> bool`, (outer: CidrValue, inner: string) =>
    outer.contains(ip(inner).address),
  )
  .method('containsCIDR', `${network}, ${network} -> bool`, containsCidr)
  .method('containsCIDR', `${network}, string -> bool`, (outer: CidrValue, inner: string) =>
    containsCidr(outer, cidr(inner)),
  )
  .method('ip', `${network} -> ${address}`, (value: CidrValue) => new IPValue(value.address))
  .method('masked', `${network} -> ${network}`, (value: CidrValue) => value.masked)
  .method('prefixLength', `${network} -> int`, (value: CidrValue) => BigInt(value.prefix));
