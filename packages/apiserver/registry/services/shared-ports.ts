import type { Store } from '@coxswain/store';
import type { Pool } from './pool.ts';
import { decodeRangeAllocation, encodeRangeAllocation, type RangeAllocation } from './range-allocation.ts';

const key = '/registry/ranges/servicenodeports';
/** As upstream's numRepairsBeforeLeakCleanup. */
const leakRounds = 3;

/**
 * Node ports that several servers give out: which are taken is one object of the store. The pool in memory is
 * what this server knew last; a claim says whether it was right.
 */
export class SharedPorts {
  readonly #store: Store;
  readonly #pool: Pool;
  /** Picked from the pool and not yet in the store: a refresh must not free them. */
  readonly #claiming = new Set<number>();
  /** In how many rounds a taken port was held by no service. */
  readonly #leaks = new Map<number, number>();
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(store: Store, pool: Pool) {
    this.#store = store;
    this.#pool = pool;
  }

  /** Takes what services hold, and learns what else is taken. */
  async load(held: readonly number[]): Promise<void> {
    await this.#change((bits) => bits | this.#mask(held));
    await this.refresh();
  }

  /** Brings the pool up to what the store says. */
  async refresh(): Promise<void> {
    const { bits } = this.#decode((await this.#store.get(key))?.value);
    for (let port = this.#pool.first; port <= this.#pool.last; port++) {
      if ((bits & this.#bit(port)) !== 0n) this.#pool.take(port);
      else if (!this.#claiming.has(port)) this.#pool.release(port);
    }
  }

  /** Makes ports that were picked from the pool this server's to give; false when another has one of them. */
  async claim(ports: readonly number[]): Promise<boolean> {
    const mask = this.#mask(ports);
    if (mask === 0n) return true;
    for (const port of ports) this.#claiming.add(port);
    try {
      return await this.#change((bits) => ((bits & mask) === 0n ? bits | mask : undefined));
    } finally {
      for (const port of ports) this.#claiming.delete(port);
    }
  }

  async release(ports: readonly number[]): Promise<void> {
    const mask = this.#mask(ports);
    if (mask !== 0n) await this.#change((bits) => bits & ~mask);
  }

  /**
   * Takes what services hold and frees what none has held in three calls: a port may be taken shortly before
   * its service is written.
   */
  async repair(held: readonly number[]): Promise<void> {
    const wanted = this.#mask(held);
    const { bits } = this.#decode((await this.#store.get(key))?.value);
    let leaked = 0n;
    for (let port = this.#pool.first; port <= this.#pool.last; port++) {
      const bit = this.#bit(port);
      if ((bits & bit) === 0n || (wanted & bit) !== 0n) {
        this.#leaks.delete(port);
        continue;
      }
      const rounds = (this.#leaks.get(port) ?? 0) + 1;
      this.#leaks.set(port, rounds);
      if (rounds >= leakRounds) leaked |= bit;
    }
    await this.#change((now) => (now | wanted) & ~leaked);
    await this.refresh();
  }

  /** One change at a time: this server's own requests need not outrun each other. */
  #change(change: (bits: bigint) => bigint | undefined): Promise<boolean> {
    const changed = this.#last.then(() => this.#write(change));
    this.#last = changed.catch(() => false);
    return changed;
  }

  /** Writes what `change` makes of the bits unless nothing changes; false when it gives undefined. */
  async #write(change: (bits: bigint) => bigint | undefined): Promise<boolean> {
    let current = await this.#store.get(key);
    for (;;) {
      const { range, bits } = this.#decode(current?.value);
      const next = change(bits);
      if (next === undefined) return false;
      if (next === bits && current !== undefined) return true;
      const value = encodeRangeAllocation({ range, bits: next });
      const result =
        current === undefined
          ? await this.#store.create(key, value)
          : await this.#store.update(key, value, current.modRevision);
      if (result.ok) return true;
      current = result.current;
    }
  }

  #decode(value: Uint8Array | undefined): RangeAllocation {
    const range = `${this.#pool.first}-${this.#pool.last}`;
    if (value === undefined) return { range, bits: 0n };
    const stored = decodeRangeAllocation(value);
    if (stored.range === range || stored.range === '') return { range, bits: stored.bits };
    // The range was changed: ports keep their numbers, so the bits move.
    const first = Number(stored.range.split('-')[0]);
    const shift = BigInt(first - this.#pool.first);
    return { range, bits: shift >= 0n ? stored.bits << shift : stored.bits >> -shift };
  }

  #mask(ports: readonly number[]): bigint {
    let mask = 0n;
    for (const port of ports) if (this.#pool.inRange(port)) mask |= this.#bit(port);
    return mask;
  }

  #bit(port: number): bigint {
    return 1n << BigInt(port - this.#pool.first);
  }
}
