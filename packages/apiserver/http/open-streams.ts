/** Into so many parts the time is divided over which streams end. */
const drainSteps = 20;

/** Watches that are under way, so that a shutdown can end them. */
export class OpenStreams {
  readonly #ends = new Set<() => void>();
  #closed = false;

  /** A shutdown has begun. */
  get closed(): boolean {
    return this.#closed;
  }

  get size(): number {
    return this.#ends.size;
  }

  /** Keeps what ends a stream; after a shutdown it is called at once. */
  add(end: () => void): void {
    if (this.#closed) end();
    else this.#ends.add(end);
  }

  delete(end: () => void): void {
    this.#ends.delete(end);
  }

  /**
   * Ends the streams one after the other, so that their clients do not all come to the next server at once.
   * Resolves when that time is over.
   */
  async drain(ms: number, wait: (ms: number) => Promise<void>): Promise<void> {
    const ends = [...this.#ends];
    for (let step = 0; step < drainSteps; step++) {
      for (const end of ends.splice(0, Math.ceil(ends.length / (drainSteps - step)))) {
        if (this.#ends.delete(end)) end();
      }
      await wait(ms / drainSteps);
    }
  }

  /** Ends all streams, and every later one as soon as it begins. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
    this.#ends.clear();
  }
}
