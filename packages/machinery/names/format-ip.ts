import { parseIPNumber } from './addresses.ts';

/** An address in its canonical text; what is no address stays as it is. */
export function canonicalIP(value: string): string {
  const address = parseIPNumber(value);
  return address === undefined ? value : formatIP(address.number, address.bits);
}

/**
 * The canonical text of an address: dotted decimals, or RFC 5952 for version 6.
 *
 * @param bits 32 or 128, the width that says the version
 */
export function formatIP(number: bigint, bits: 32 | 128): string {
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
