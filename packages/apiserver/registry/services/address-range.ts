/** Service addresses that are asked for by number come from the lower band first, as the KEP on it (3070) says. */
const minStaticBand = 16;
const maxStaticBand = 256;
const staticShare = 16;

/** An IPv4 range in CIDR notation, by offset. */
export class AddressRange {
  readonly cidr: string;
  readonly #base: number;
  /** How many addresses can be given: neither the network's own nor the broadcast address. */
  readonly size: number;
  /** Offsets below are given only when asked for, or when nothing else is left. */
  readonly staticBand: number;

  /** Throws when the text is no IPv4 CIDR. */
  constructor(cidr: string) {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
    const bits = Number(match?.[5] ?? -1);
    if (match === null || bits < 8 || bits > 30) {
      throw new Error(`reading the service range ${JSON.stringify(cidr)}: not an IPv4 CIDR of 8 to 30 bits`);
    }
    const address = match.slice(1, 5).reduce((sum, part) => sum * 256 + Number(part), 0);
    const total = 2 ** (32 - bits);
    this.#base = address - (address % total);
    this.cidr = `${toText(this.#base)}/${bits}`;
    this.size = total - 2;
    this.staticBand = Math.min(
      Math.max(minStaticBand, Math.floor(total / staticShare)),
      maxStaticBand,
      this.size,
    );
  }

  /** The address at an offset from 1 to `size`. */
  at(offset: number): string {
    return toText(this.#base + offset);
  }

  /** The offset of an address; undefined outside of the range. */
  offsetOf(address: string): number | undefined {
    const parts = address.split('.');
    if (parts.length !== 4) return undefined;
    const offset = parts.reduce((sum, part) => sum * 256 + Number(part), 0) - this.#base;
    return offset >= 1 && offset <= this.size ? offset : undefined;
  }
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
