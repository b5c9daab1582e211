/** An IPv4 range in CIDR notation. */
interface Range {
  readonly base: number;
  readonly bits: number;
}

export function parseRange(text: string): Range {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  const bytes = match?.slice(1, 5).map(Number);
  const bits = Number(match?.[5]);
  if (!bytes || bytes.some((byte) => byte > 255) || bits > 32)
    throw new RangeError(`invalid IPv4 range "${text}"`);
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  return { base: Math.floor(address / size) * size, bits };
}

function format(address: number, bits: number): string {
  return `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')}/${bits}`;
}

/** Gives each node a range of its own out of the cluster's. Pure but for its own memory. */
export class NodeRanges {
  readonly #cluster: Range;
  readonly #nodeBits: number;
  readonly #taken = new Set<number>();
  #next = 0;

  /** @param nodeBits --node-cidr-mask-size: 24 gives a node 254 addresses */
  constructor(clusterCidr: string, nodeBits: number) {
    this.#cluster = parseRange(clusterCidr);
    this.#nodeBits = nodeBits;
    if (nodeBits < this.#cluster.bits || nodeBits > 32) {
      throw new RangeError(`node mask size ${nodeBits} does not fit into the cluster range "${clusterCidr}"`);
    }
  }

  get capacity(): number {
    return 2 ** (this.#nodeBits - this.#cluster.bits);
  }

  /** Notes a range that a node has. False when it is not one of ours or is taken. */
  occupy(cidr: string): boolean {
    const index = this.#indexOf(cidr);
    if (index === undefined || this.#taken.has(index)) return false;
    this.#taken.add(index);
    return true;
  }

  release(cidr: string): void {
    const index = this.#indexOf(cidr);
    if (index !== undefined) this.#taken.delete(index);
  }

  /** A free range, going round so that one just released is not used again at once; undefined: none is left. */
  allocate(): string | undefined {
    if (this.#taken.size >= this.capacity) return undefined;
    while (this.#taken.has(this.#next)) this.#next = (this.#next + 1) % this.capacity;
    const index = this.#next;
    this.#taken.add(index);
    this.#next = (index + 1) % this.capacity;
    return format(this.#cluster.base + index * 2 ** (32 - this.#nodeBits), this.#nodeBits);
  }

  #indexOf(cidr: string): number | undefined {
    const { base, bits } = parseRange(cidr);
    const index = (base - this.#cluster.base) / 2 ** (32 - this.#nodeBits);
    return bits === this.#nodeBits && Number.isInteger(index) && index >= 0 && index < this.capacity
      ? index
      : undefined;
  }
}
