/** Gives out the IPv4 addresses of a range, the lowest free one first beyond the last given. */
export class AddressPool {
  readonly #base: number;
  readonly #size: number;
  readonly #used = new Set<number>();
  #next = 0;

  /** @param cidr such as `10.244.1.0/24`; its first two addresses and its last are not given out */
  constructor(cidr: string) {
    const [address = '', bits = '24'] = cidr.split('/');
    this.#base = address.split('.').reduce((n, part) => n * 256 + Number(part), 0) + 2;
    this.#size = Math.max(0, 2 ** (32 - Number(bits)) - 3);
  }

  take(): string | undefined {
    for (let i = 0; i < this.#size; i++) {
      const offset = (this.#next + i) % this.#size;
      if (this.#used.has(offset)) continue;
      this.#used.add(offset);
      this.#next = offset + 1;
      const n = this.#base + offset;
      return [n / 2 ** 24, n / 2 ** 16, n / 2 ** 8, n].map((part) => Math.floor(part) % 256).join('.');
    }
    return undefined;
  }

  give(address: string): void {
    const n = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#used.delete(n - this.#base);
  }
}
