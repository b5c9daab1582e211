import { formatIP, parseCIDR, parseIPNumber } from '@coxswain/machinery';
import { type Family, familyOf } from './ip-families.ts';

/** Service addresses that are asked for by number come from the lower band first, as the KEP on it (3070) says. */
const minStaticBand = 16;
const maxStaticBand = 256;
const staticShare = 16;
/** Wider ranges of version 6 than this cannot be given out, as upstream has it. */
const shortestPrefix = 64;
/** More addresses of a range than numbers can count are never given out. */
const maxSize = 2 ** 48;

/** A range of service addresses in CIDR notation, by offset. */
export class AddressRange {
  readonly cidr: string;
  readonly family: Family;
  readonly #base: bigint;
  readonly #bits: 32 | 128;
  /** How many addresses lie within, the ones that are never given included. */
  readonly #span: bigint;
  /** How many addresses can be given: not the network's own, nor the broadcast address of version 4. */
  readonly size: number;
  /** Offsets below are given only when asked for, or when nothing else is left. */
  readonly staticBand: number;

  /** Throws when the text is no CIDR, or one too wide or too narrow for services. */
  constructor(text: string) {
    const range = parseCIDR(text);
    if (range === undefined) throw new Error(`reading the service range ${JSON.stringify(text)}: not a CIDR`);
    const { bits, prefix, number } = range;
    const hostBits = bits - prefix;
    const widest = bits === 32 ? 8 : shortestPrefix;
    if (prefix < widest || hostBits < 2) {
      throw new Error(
        `reading the service range ${JSON.stringify(text)}: a prefix of ${widest} to ${bits - 2} bits is wanted`,
      );
    }
    this.#bits = bits;
    this.#base = (number >> BigInt(hostBits)) << BigInt(hostBits);
    this.#span = 1n << BigInt(hostBits);
    this.cidr = `${this.at(0)}/${prefix}`;
    this.family = familyOf(this.cidr);
    const total = 2 ** hostBits;
    this.size = Math.min(bits === 32 ? total - 2 : total - 1, maxSize);
    this.staticBand = Math.min(
      Math.max(minStaticBand, Math.floor(total / staticShare)),
      maxStaticBand,
      this.size,
    );
  }

  /** The address at an offset from 1 to `size`; that of the network itself at 0. */
  at(offset: number): string {
    return formatIP(this.#base + BigInt(offset), this.#bits);
  }

  /** Whether an address lies within the range, the addresses that are never given included. */
  contains(address: string): boolean {
    const offset = this.#offset(address);
    return offset !== undefined && offset >= 0n && offset < this.#span;
  }

  /** The offset of an address that can be given; undefined for others. */
  offsetOf(address: string): number | undefined {
    const offset = this.#offset(address);
    return offset !== undefined && offset >= 1n && offset <= BigInt(this.size) ? Number(offset) : undefined;
  }

  #offset(address: string): bigint | undefined {
    const parsed = parseIPNumber(address);
    return parsed?.bits === this.#bits ? parsed.number - this.#base : undefined;
  }
}
