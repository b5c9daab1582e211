/** How long something is served; whoever depends on it is told of its end. */
export class Lifetime {
  readonly #listeners = new Set<() => void>();
  #ended = false;

  /** Calls `fn` at the end; soon, when it is over. Gives what takes that back. */
  onEnd(fn: () => void): () => void {
    if (this.#ended) {
      let wanted = true;
      queueMicrotask(() => {
        if (wanted) fn();
      });
      return () => {
        wanted = false;
      };
    }
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  end(): void {
    this.#ended = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }
}
