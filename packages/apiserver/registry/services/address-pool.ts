import { canonicalIP } from '@coxswain/machinery';
import { AddressRange } from './address-range.ts';
import type { Family } from './ip-families.ts';

/** Why an address that was asked for cannot be had. */
export type AddressFault = 'no-range' | 'not-in-range' | 'taken';

interface Source {
  readonly range: AddressRange;
  /** By whom the range is wanted: its own name for the server's flag, or names of ServiceCIDRs. */
  readonly owners: Map<string, boolean>;
}

/** The addresses of all service ranges: ranges come and go, and may lie within each other. */
export class AddressPool {
  readonly #sources = new Map<string, Source>();
  readonly #taken = new Set<string>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Gives addresses out of a range from now on, or (while `ready` is false) none unless another owner is ready. */
  add(cidr: string, owner: string, ready: boolean): void {
    const known = this.#sources.get(cidr);
    if (known !== undefined) known.owners.set(owner, ready);
    else this.#sources.set(cidr, { range: new AddressRange(cidr), owners: new Map([[owner, ready]]) });
  }

  /** Forgets what an owner wanted. */
  remove(owner: string): void {
    for (const [cidr, { owners }] of this.#sources) {
      if (owners.delete(owner) && owners.size === 0) this.#sources.delete(cidr);
    }
  }

  /** How many addresses of each range are taken, and how many free. */
  use(): readonly { readonly cidr: string; readonly taken: number; readonly free: number }[] {
    return [...this.#sources.values()].map(({ range }) => {
      let taken = 0;
      for (const address of this.#taken) if (range.offsetOf(address) !== undefined) taken++;
      return { cidr: range.cidr, taken, free: range.size - taken };
    });
  }

  /** Marks an address as taken, in whatever range; false when it was already. */
  take(address: string): boolean {
    const name = canonicalIP(address);
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  release(address: string): void {
    this.#taken.delete(canonicalIP(address));
  }

  /** Whether some range, ready or not, has the address. */
  covers(address: string): boolean {
    for (const { range } of this.#sources.values()) if (range.offsetOf(address) !== undefined) return true;
    return false;
  }

  /** What is wrong with an address that somebody asks for; the range is the one that decides. */
  faultOf(address: string): { readonly fault?: AddressFault; readonly cidr?: string } {
    for (const { range, owners } of this.#sources.values()) {
      if (!isReady(owners) || !range.contains(address)) continue;
      if (range.offsetOf(address) === undefined) return { fault: 'not-in-range', cidr: range.cidr };
      return this.#taken.has(canonicalIP(address))
        ? { fault: 'taken', cidr: range.cidr }
        : { cidr: range.cidr };
    }
    return { fault: 'no-range' };
  }

  /** Takes any free address of a family; undefined when all are taken. */
  takeAny(family: Family): string | undefined {
    for (const { range, owners } of this.#sources.values()) {
      if (range.family !== family || !isReady(owners)) continue;
      const found =
        this.#pick(range, range.staticBand + 1, range.size) ?? this.#pick(range, 1, range.staticBand);
      if (found === undefined) continue;
      this.#taken.add(found);
      return found;
    }
    return undefined;
  }

  /** A random start and then the next free one. */
  #pick(range: AddressRange, from: number, to: number): string | undefined {
    const size = to - from + 1;
    if (size <= 0) return undefined;
    const start = Math.floor(this.#random() * size);
    for (let i = 0; i < size; i++) {
      const address = range.at(from + ((start + i) % size));
      if (!this.#taken.has(address)) return address;
    }
    return undefined;
  }
}

function isReady(owners: ReadonlyMap<string, boolean>): boolean {
  for (const ready of owners.values()) if (ready) return true;
  return false;
}
