import {
  canonicalIP,
  type FieldPath,
  formatIP,
  goQuote,
  parseCIDR,
  parseIPNumber,
} from '@coxswain/machinery';

/** GetWarningsForIP: an address of version 6 had better be written in its canonical form (RFC 5952). */
export function addressWarnings(path: FieldPath, value: string): string[] {
  const canonical = canonicalIP(value);
  if (!value.includes(':') || canonical === value) return [];
  return [
    `${path}: IPv6 address ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
  ];
}

/** GetWarningsForCIDR: a range had better have no bits of hosts, and be canonical. */
export function rangeWarnings(path: FieldPath, value: string): string[] {
  const range = parseCIDR(value);
  const [address = '', length = ''] = value.split('/');
  const whole = parseIPNumber(address);
  if (range === undefined || whole == null) return [];
  const hostBits = BigInt(whole.bits - range.prefix);
  const network = (whole.number >> hostBits) << hostBits;
  if (network !== whole.number) {
    const masked = `${formatIP(network, whole.bits)}/${length}`;
    const single = `${formatIP(whole.number, whole.bits)}/${whole.bits}`;
    return [
      `${path}: CIDR value ${goQuote(value)} is ambiguous in this context (should be ${goQuote(masked)} or ${goQuote(single)}?)`,
    ];
  }
  const canonical = canonicalIP(address);
  if (!address.includes(':') || canonical === address) return [];
  const shown = goQuote(`${canonical}/${length}`);
  return [`${path}: IPv6 CIDR value ${goQuote(value)} should be in RFC 5952 canonical format (${shown})`];
}
