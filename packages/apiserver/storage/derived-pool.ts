/** What was made of an object's bytes, and can be made anew. */
export class Derived<V> {
  /** Absent once the pool has let go of it. */
  value: V | undefined;
  /** About so many bytes of memory. */
  readonly size: number;
  /** Somebody looked since the pool last asked. */
  used = false;
  /** The pool that has it and may let go of it; absent: it stays. */
  pool: DerivedPool | undefined;
  /** Where the pool has it. */
  place = -1;

  constructor(value: V, size: number) {
    this.value = value;
    this.size = size;
  }

  /** The value, which somebody needs; undefined when it must be made anew. */
  take(): V | undefined {
    this.used = true;
    return this.value;
  }
}

/** So many that are in use are spared before one goes anyway. */
const spared = 8;

/**
 * Bounds the memory of what is made of stored bytes. Which one goes is left to chance, but for those that are in use:
 * who reads more than fits, over and over in the same order, then finds a part of it, and not nothing.
 */
export class DerivedPool {
  readonly #limit: number;
  readonly #next: DerivedPool | undefined;
  readonly #members: Derived<unknown>[] = [];
  #size = 0;
  #chance = 1;

  /**
   * @param limit of the sum of sizes
   * @param next takes over what was used while it was here, and would have to go; absent: it is spared
   */
  constructor(limit: number, next?: DerivedPool) {
    this.#limit = limit;
    this.#next = next;
  }

  /** Sum of the sizes of what is kept. */
  get size(): number {
    return this.#size;
  }

  /** Takes something up that is in no pool. */
  add(derived: Derived<unknown>): void {
    while (this.#size + derived.size > this.#limit && this.#members.length > 0) this.#drop();
    derived.pool = this;
    derived.place = this.#members.length;
    this.#members.push(derived);
    this.#size += derived.size;
  }

  /** Lets go of one of its members. */
  forget(derived: Derived<unknown>): void {
    this.#remove(derived);
    derived.value = undefined;
  }

  #drop(): void {
    let member = this.#any();
    if (this.#next !== undefined && member.used) {
      member.used = false;
      this.#remove(member);
      this.#next.add(member);
      return;
    }
    for (let i = 0; i < spared && member.used; i++) {
      member.used = false;
      member = this.#any();
    }
    this.forget(member);
  }

  #remove(derived: Derived<unknown>): void {
    const last = this.#members.pop() as Derived<unknown>;
    if (last !== derived) {
      this.#members[derived.place] = last;
      last.place = derived.place;
    }
    this.#size -= derived.size;
    derived.pool = undefined;
    derived.place = -1;
  }

  /** A linear congruential generator: runs with the same requests are the same. */
  #any(): Derived<unknown> {
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#members[Math.floor((this.#chance / 2 ** 32) * this.#members.length)] as Derived<unknown>;
  }
}
