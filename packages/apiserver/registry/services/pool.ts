/** Numbers from `first` to `last` that are taken or free; those below `dynamicFrom` are given last. */
export class Pool {
  readonly first: number;
  readonly last: number;
  readonly #dynamicFrom: number;
  readonly #taken = new Set<number>();
  readonly #random: () => number;

  constructor(first: number, last: number, dynamicFrom: number, random: () => number) {
    this.first = first;
    this.last = last;
    this.#dynamicFrom = dynamicFrom;
    this.#random = random;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken.size;
  }

  has(n: number): boolean {
    return this.#taken.has(n);
  }

  inRange(n: number): boolean {
    return n >= this.first && n <= this.last;
  }

  /** False when it is taken. */
  take(n: number): boolean {
    if (this.#taken.has(n)) return false;
    this.#taken.add(n);
    return true;
  }

  /** Takes any free number, from the dynamic band first; undefined when all are taken. */
  takeAny(): number | undefined {
    const found = this.#pick(this.#dynamicFrom, this.last) ?? this.#pick(this.first, this.#dynamicFrom - 1);
    if (found !== undefined) this.#taken.add(found);
    return found;
  }

  release(n: number): void {
    this.#taken.delete(n);
  }

  /** A random start and then the next free one. */
  #pick(from: number, to: number): number | undefined {
    const size = to - from + 1;
    if (size <= 0) return undefined;
    const start = Math.floor(this.#random() * size);
    for (let i = 0; i < size; i++) {
      const n = from + ((start + i) % size);
      if (!this.#taken.has(n)) return n;
    }
    return undefined;
  }
}
