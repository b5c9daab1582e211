/** Keys a chunk may hold before it is split in two. */
const chunkLimit = 512;

interface Chunk<T> {
  keys: string[];
  values: T[];
}

/** A map whose keys are kept in byte order, for lists by prefix. Point reads cost a hash lookup. */
export class SortedIndex<T> {
  readonly #byKey = new Map<string, T>();
  #chunks: Chunk<T>[] = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  /** Adds or replaces. */
  set(key: string, value: T): void {
    const known = this.#byKey.has(key);
    this.#byKey.set(key, value);
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      return;
    }
    const i = lowerBound(chunk.keys, key);
    if (known) {
      chunk.values[i] = value;
      return;
    }
    if (i === chunk.keys.length) {
      chunk.keys.push(key);
      chunk.values.push(value);
    } else {
      chunk.keys.splice(i, 0, key);
      chunk.values.splice(i, 0, value);
    }
    if (chunk.keys.length > chunkLimit) {
      const half = chunk.keys.length >> 1;
      this.#chunks.splice(at + 1, 0, { keys: chunk.keys.splice(half), values: chunk.values.splice(half) });
    }
  }

  delete(key: string): void {
    if (!this.#byKey.delete(key)) return;
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as Chunk<T>;
    const i = lowerBound(chunk.keys, key);
    chunk.keys.splice(i, 1);
    chunk.values.splice(i, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(at, 1);
  }

  /** Calls `visit` in key order for keys that begin with `prefix` and are not less than `from`, until it gives false. */
  scan(prefix: string, from: string, visit: (value: T, key: string) => boolean | undefined): void {
    const start = from > prefix ? from : prefix;
    for (let at = this.#chunkOf(start); at < this.#chunks.length; at++) {
      const { keys, values } = this.#chunks[at] as Chunk<T>;
      let i = lowerBound(keys, start);
      for (; i < keys.length; i++) {
        const key = keys[i] as string;
        if (!key.startsWith(prefix)) return;
        if (visit(values[i] as T, key) === false) return;
      }
    }
  }

  /** How many keys are less than `key`. */
  rank(key: string): number {
    const at = this.#chunkOf(key);
    let rank = 0;
    for (let i = 0; i < at; i++) rank += (this.#chunks[i] as Chunk<T>).keys.length;
    const chunk = this.#chunks[at];
    return chunk === undefined ? rank : rank + lowerBound(chunk.keys, key);
  }

  /** Values in key order for keys that begin with `prefix`. */
  values(prefix: string): T[] {
    const out: T[] = [];
    this.scan(prefix, prefix, (value) => {
      out.push(value);
      return true;
    });
    return out;
  }

  /** The chunk that holds `key`, or would: the last one that begins at or before it. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle] as Chunk<T>).keys[0]! <= key) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : low - 1;
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
