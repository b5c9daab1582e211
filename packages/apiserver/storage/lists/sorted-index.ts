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

  /**
   * Values in key order for keys that begin with `prefix`, which ends with a slash, and are not less than `from`; at
   * most `limit` where that is not 0. `next` is the first key that was left out.
   */
  page(
    prefix: string,
    from: string,
    limit: number,
  ): { readonly values: T[]; readonly next: string | undefined } {
    const start = from > prefix ? from : prefix;
    const end = behind(prefix);
    const out: T[] = [];
    for (let at = this.#chunkOf(start); at < this.#chunks.length; at++) {
      const { keys, values } = this.#chunks[at] as Chunk<T>;
      let i = (keys[0] as string) >= start ? 0 : lowerBound(keys, start);
      const stop = (keys.at(-1) as string) < end ? keys.length : lowerBound(keys, end);
      if (i >= stop && i < keys.length) break;
      for (; i < stop; i++) {
        if (limit > 0 && out.length === limit) return { values: out, next: keys[i] };
        out.push(values[i] as T);
      }
      if (stop < keys.length) break;
    }
    return { values: out, next: undefined };
  }

  /** How many keys that begin with `prefix`, which ends with a slash, are not less than `from`. */
  countFrom(prefix: string, from: string): number {
    return this.rank(behind(prefix)) - this.rank(from);
  }

  /** The last key that begins with `prefix`, which ends with a slash. */
  lastKey(prefix: string): string | undefined {
    const end = behind(prefix);
    for (let at = this.#chunkOf(end); at >= 0; at--) {
      const keys = this.#chunks[at]?.keys ?? [];
      const key = keys[lowerBound(keys, end) - 1];
      if (key !== undefined) return key.startsWith(prefix) ? key : undefined;
    }
    return undefined;
  }

  /** How many keys are less than `key`. */
  rank(key: string): number {
    const at = this.#chunkOf(key);
    let rank = 0;
    for (let i = 0; i < at; i++) rank += (this.#chunks[i] as Chunk<T>).keys.length;
    const chunk = this.#chunks[at];
    return chunk === undefined ? rank : rank + lowerBound(chunk.keys, key);
  }

  /** Values in key order for keys that begin with `prefix`, which ends with a slash. */
  values(prefix: string): T[] {
    return this.page(prefix, prefix, 0).values;
  }

  /** Keys in order that begin with `prefix`. */
  keys(prefix: string): string[] {
    const out: string[] = [];
    this.scan(prefix, prefix, (_, key) => {
      out.push(key);
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

/** The least key behind all that begin with the prefix, which ends with a slash. */
function behind(prefix: string): string {
  if (prefix === '') return '\uffff';
  return `${prefix.slice(0, -1)}0`;
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
