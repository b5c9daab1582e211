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

  /** Ends all streams, and every later one as soon as it begins. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
    this.#ends.clear();
  }
}
