/**
 * Lets so many starts of sandboxes and containers run at once. More would only take the processor from each
 * other; what finishes a pod goes before what begins one, so that pods come up one after the other and not all
 * at the end.
 */
export class StartGate {
  readonly #limit: number;
  readonly #finishing: (() => void)[] = [];
  readonly #beginning: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work` when there is room. */
  async run<T>(kind: 'sandbox' | 'container', work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) {
      const queue = kind === 'container' ? this.#finishing : this.#beginning;
      await new Promise<void>((resolve) => queue.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#finishing.shift() ?? this.#beginning.shift();
      // The room is handed on, not given back.
      if (next) next();
      else this.#running--;
    }
  }
}
