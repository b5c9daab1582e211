import {
  canonicalIP,
  type FieldPath,
  formatIP,
  goQuote,
  isValidCIDR,
  isValidIP,
  parseCIDR,
  parseIPNumber,
} from '@coxswain/machinery';

const future = 'will be considered invalid in a future Kubernetes release';
const mapped = 0xffffn;

/** An address as Go prints it: one of version 4 in one of version 6 is of version 4. */
function goIP(number: bigint, bits: 32 | 128): string {
  return bits === 128 && number >> 32n === mapped
    ? formatIP(number & 0xffffffffn, 32)
    : formatIP(number, bits);
}

/** GetWarningsForIP: what was once let in and had better be written otherwise. */
export function addressWarnings(path: FieldPath, value: string): string[] {
  const address = parseIPNumber(value);
  if (address === undefined) return [];
  if (isValidIP(value).length > 0) {
    const right = goQuote(goIP(address.number, address.bits));
    return [`${path}: non-standard IP address ${goQuote(value)} ${future}: use ${right}`];
  }
  const canonical = canonicalIP(value);
  if (!value.includes(':') || canonical === value) return [];
  return [
    `${path}: IPv6 address ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
  ];
}

const hostBitsFault = 'must not have bits set beyond the prefix length';

/** GetWarningsForCIDR: a range had better have no bits of hosts, and be canonical. */
export function rangeWarnings(path: FieldPath, value: string): string[] {
  const range = parseCIDR(value);
  if (range === undefined) return [];
  const { number, bits, prefix } = range;
  const hostBits = BigInt(bits - prefix);
  const network = goRange((number >> hostBits) << hostBits, bits, prefix);
  const faults = isValidCIDR(value);
  const out: string[] = [];
  if (faults.includes(hostBitsFault)) {
    const single = goRange(number, bits, bits);
    out.push(
      `${path}: CIDR value ${goQuote(value)} is ambiguous in this context (should be ${goQuote(network)} or ${goQuote(single)}?)`,
    );
  }
  if (faults.some((fault) => fault !== hostBitsFault)) {
    out.push(`${path}: non-standard CIDR value ${goQuote(value)} ${future}: use ${goQuote(network)}`);
  }
  if (out.length === 0 && bits === 128 && network !== value) {
    out.push(
      `${path}: IPv6 CIDR value ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(network)})`,
    );
  }
  return out;
}

/** A range as Go prints it. */
function goRange(number: bigint, bits: 32 | 128, prefix: number): string {
  const isMapped = bits === 128 && number >> 32n === mapped && prefix >= 96;
  return `${goIP(number, bits)}/${isMapped ? prefix - 96 : prefix}`;
}
