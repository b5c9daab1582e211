/** Something that keeps what can be made anew from its bytes. */
export interface Derived {
  /** Somebody looked since it was last asked; asking forgets it. */
  takeUsed(): boolean;
  /** Lets go of what can be made anew. */
  forget(): void;
}

interface Member {
  readonly of: Derived;
  readonly size: number;
}

/**
 * Bounds the memory of what is made of stored bytes: of those that came first the first goes that nobody has looked
 * at since it came, or since it was spared the last time.
 */
export class DerivedPool {
  readonly #limit: number;
  #members: Member[] = [];
  #first = 0;
  #size = 0;

  /** @param limit of the sum of sizes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Sum of the sizes of what is kept. */
  get size(): number {
    return this.#size;
  }

  /** Takes something up that has just been made. */
  add(of: Derived, size: number): void {
    this.#members.push({ of, size });
    this.#size += size;
    // One that is spared comes last: a round without an end there is not, as asking forgets the use.
    while (this.#size > this.#limit) this.#drop();
  }

  #drop(): void {
    const member = this.#members[this.#first] as Member;
    this.#first++;
    if (member.of.takeUsed()) this.#members.push(member);
    else {
      this.#size -= member.size;
      member.of.forget();
    }
    if (this.#first < 1_024 || this.#first * 2 < this.#members.length) return;
    this.#members = this.#members.slice(this.#first);
    this.#first = 0;
  }
}
