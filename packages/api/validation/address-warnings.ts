import { type FieldPath, goQuote, parseCIDR, parseIPNumber } from '@coxswain/machinery';

/** GetWarningsForIP: an address of version 6 had better be written in its canonical form (RFC 5952). */
export function addressWarnings(path: FieldPath, value: string): string[] {
  const canonical = canonicalIPv6(value);
  if (canonical === undefined || canonical === value) return [];
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
    const masked = `${printed(network, whole.bits)}/${length}`;
    const single = `${printed(whole.number, whole.bits)}/${whole.bits}`;
    return [
      `${path}: CIDR value ${goQuote(value)} is ambiguous in this context (should be ${goQuote(masked)} or ${goQuote(single)}?)`,
    ];
  }
  const canonical = canonicalIPv6(address);
  if (canonical === undefined || canonical === address) return [];
  const shown = goQuote(`${canonical}/${length}`);
  return [`${path}: IPv6 CIDR value ${goQuote(value)} should be in RFC 5952 canonical format (${shown})`];
}

function canonicalIPv6(value: string): string | undefined {
  if (!value.includes(':')) return undefined;
  const address = parseIPNumber(value);
  return address == null || address.bits !== 128 ? undefined : printed(address.number, 128);
}

function printed(number: bigint, bits: number): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((number >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
