interface Member<T> {
  readonly of: T;
  readonly size: number;
}

/** How a pool knows and frees what it holds. */
export interface DerivedKind<T> {
  /** Somebody looked since this was last asked; asking forgets it. */
  takeUsed(of: T): boolean;
  /** Lets go of what can be made anew. */
  forget(of: T): void;
}

/** So many that are in use are spared before one goes anyway. */
const spared = 8;

/**
 * Bounds the memory of what is made of stored bytes. Which one goes is left to chance, but for those that are in use:
 * who reads more than fits, over and over in the same order, then finds a part of it, and not nothing.
 */
export class DerivedPool<T> {
  readonly #limit: number;
  readonly #kind: DerivedKind<T>;
  readonly #members: Member<T>[] = [];
  #size = 0;
  #chance = 1;

  /** @param limit of the sum of sizes */
  constructor(limit: number, kind: DerivedKind<T>) {
    this.#limit = limit;
    this.#kind = kind;
  }

  /** Sum of the sizes of what is kept. */
  get size(): number {
    return this.#size;
  }

  /** Takes something up that has just been made. */
  add(of: T, size: number): void {
    while (this.#size + size > this.#limit && this.#members.length > 0) this.#drop();
    this.#members.push({ of, size });
    this.#size += size;
  }

  #drop(): void {
    let at = this.#any();
    for (let i = 0; i < spared && this.#kind.takeUsed((this.#members[at] as Member<T>).of); i++)
      at = this.#any();
    const member = this.#members[at] as Member<T>;
    const last = this.#members.pop() as Member<T>;
    if (last !== member) this.#members[at] = last;
    this.#size -= member.size;
    this.#kind.forget(member.of);
  }

  /** A linear congruential generator: runs with the same requests are the same. */
  #any(): number {
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#chance / 2 ** 32) * this.#members.length);
  }
}
