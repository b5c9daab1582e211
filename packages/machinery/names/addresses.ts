import { isIPv4, isIPv6 } from 'node:net';

/** Reads octets with leading zeros as decimal, as upstream's sloppy parser does. */
function withoutLeadingZeros(value: string): string {
  return value.replace(/(^|\.)0+(?=\d)/g, '$1');
}

/** Whether upstream's sloppy parser takes `value` for an IPv4 address. */
function isSloppyIPv4(value: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(value) && isIPv4(withoutLeadingZeros(value));
}

/** Whether upstream's sloppy parser takes `value` for an IP address; zones are refused. */
export function isSloppyIP(value: string): boolean {
  return isSloppyIPv4(value) || (!value.includes('%') && isIPv6(value));
}

function isMappedIPv4(value: string): boolean {
  return (
    /^(0{0,4}:){0,5}:?ffff:/i.test(value) &&
    (value.includes('.') || /^::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i.test(value))
  );
}

const invalidIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const invalidCIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** What is wrong with `value` as an IP address by the strict rule: no leading zeros, no IPv4 in IPv6. */
export function isValidIP(value: string): string[] {
  if (!isSloppyIP(value)) return [invalidIP];
  const errors: string[] = [];
  if (!isIPv4(value) && !value.includes(':')) errors.push('must not have leading 0s');
  if (value.includes(':') && isMappedIPv4(value)) errors.push('must not be an IPv4-mapped IPv6 address');
  return errors;
}

export function isValidIPv4Address(value: string): string[] {
  return isSloppyIPv4(value) ? [] : ['must be a valid IPv4 address'];
}

export function isValidIPv6Address(value: string): string[] {
  return !value.includes('%') && isIPv6(value) ? [] : ['must be a valid IPv6 address'];
}

/** An IPv4 or IPv6 address as a number, with its width in bits; undefined when it is none. */
export function parseIPNumber(
  value: string,
): { readonly bits: 32 | 128; readonly number: bigint } | undefined {
  if (isSloppyIPv4(value)) {
    return { bits: 32, number: value.split('.').reduce((n, octet) => n * 256n + BigInt(Number(octet)), 0n) };
  }
  if (value.includes('%') || !isIPv6(value)) return undefined;
  let text = value;
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted) {
    const [a, b, c, d] = dotted.slice(1).map(Number) as [number, number, number, number];
    text = `${text.slice(0, dotted.index)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const [head, tail] = text.split('::') as [string, string | undefined];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = new Array<string>(8 - left.length - right.length).fill('0');
  const groups = tail === undefined ? left : [...left, ...middle, ...right];
  return { bits: 128, number: groups.reduce((n, group) => n * 65536n + BigInt(`0x${group}`), 0n) };
}

interface Cidr {
  readonly bits: 32 | 128;
  readonly number: bigint;
  readonly prefix: number;
}

/** Splits `address/prefix`; undefined when it is no CIDR. */
export function parseCIDR(value: string): Cidr | undefined {
  const slash = value.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseIPNumber(value.slice(0, slash));
  const length = value.slice(slash + 1);
  if (!address || !/^\d{1,3}$/.test(length) || Number(length) > address.bits) return undefined;
  return { ...address, prefix: Number(length) };
}

/** What is wrong with `value` as a CIDR by the strict rule. */
export function isValidCIDR(value: string): string[] {
  const cidr = parseCIDR(value);
  if (!cidr) return [invalidCIDR];
  const errors: string[] = [];
  const [address, length] = value.split('/') as [string, string];
  if (!address.includes(':') && !isIPv4(address)) errors.push('must not have leading 0s in IP');
  if (address.includes(':') && isMappedIPv4(address))
    errors.push('must not have an IPv4-mapped IPv6 address');
  if (length !== String(Number(length))) errors.push('must not have leading 0s in prefix length');
  const hostBits = BigInt(cidr.bits - cidr.prefix);
  if ((cidr.number >> hostBits) << hostBits !== cidr.number) {
    errors.push('must not have bits set beyond the prefix length');
  }
  return errors;
}
