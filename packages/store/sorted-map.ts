/** Entries a chunk holds before it is cut in two. */
const maxChunk = 256;

interface Chunk<V> {
  keys: string[];
  values: V[];
  /** The map that may change this chunk in place; any other copies it first. */
  owner: object;
}

/** What a scan gives: the values asked for and how many there are in all. */
export interface ScanResult<V> {
  readonly values: V[];
  readonly count: number;
}

/**
 * An ordered map from strings (by UTF-16 code units) with copy-on-write snapshots: `snapshot` costs nothing,
 * and a later write copies only the chunk that it touches.
 */
export class SortedMap<V> {
  #chunks: Chunk<V>[] = [];
  #size = 0;
  #owner: object = {};
  /** The list of chunks is shared with a snapshot. */
  #shared = false;

  /** Builds a map from entries whose keys ascend strictly. */
  static fromSorted<V>(keys: readonly string[], values: readonly V[]): SortedMap<V> {
    const map = new SortedMap<V>();
    const step = maxChunk / 2;
    for (let i = 0; i < keys.length; i += step) {
      map.#chunks.push({
        keys: keys.slice(i, i + step),
        values: values.slice(i, i + step),
        owner: map.#owner,
      });
    }
    map.#size = keys.length;
    return map;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (chunk === undefined) return undefined;
    const at = lowerBound(chunk.keys, key);
    return chunk.keys[at] === key ? chunk.values[at] : undefined;
  }

  /** Sets and gives the value that was there before. */
  set(key: string, value: V): V | undefined {
    if (this.#chunks.length === 0) {
      this.#own();
      this.#chunks.push({ keys: [key], values: [value], owner: this.#owner });
      this.#size = 1;
      return undefined;
    }
    const index = this.#chunkOf(key);
    const chunk = this.#ownChunk(index);
    const at = lowerBound(chunk.keys, key);
    if (chunk.keys[at] === key) {
      const before = chunk.values[at];
      chunk.values[at] = value;
      return before;
    }
    if (at === chunk.keys.length) {
      chunk.keys.push(key);
      chunk.values.push(value);
    } else {
      chunk.keys.splice(at, 0, key);
      chunk.values.splice(at, 0, value);
    }
    this.#size++;
    if (chunk.keys.length > maxChunk) this.#split(index, chunk, at);
    return undefined;
  }

  /** Deletes and gives the value that was there. */
  delete(key: string): V | undefined {
    const found = this.#chunks[this.#chunkOf(key)];
    if (found === undefined || found.keys[lowerBound(found.keys, key)] !== key) return undefined;
    const index = this.#chunkOf(key);
    const chunk = this.#ownChunk(index);
    const at = lowerBound(chunk.keys, key);
    const before = chunk.values[at];
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
    this.#size--;
    if (chunk.keys.length === 0) this.#chunks.splice(index, 1);
    else this.#mergeSmall(index, chunk);
    return before;
  }

  /** An independent map with the same entries. */
  snapshot(): SortedMap<V> {
    const copy = new SortedMap<V>();
    copy.#chunks = this.#chunks;
    copy.#size = this.#size;
    copy.#shared = true;
    this.#shared = true;
    this.#owner = {};
    return copy;
  }

  /** Values with `from <= key < end` in order, at most `limit` (0: all). `end` undefined: to the last. */
  scan(from: string, end: string | undefined, limit = 0): ScanResult<V> {
    const values: V[] = [];
    let count = 0;
    for (let i = this.#chunkOf(from); i < this.#chunks.length; i++) {
      const { keys, values: held } = this.#chunks[i]!;
      const low = count === 0 && keys[0]! < from ? lowerBound(keys, from) : 0;
      const last = keys[keys.length - 1]!;
      const high = end === undefined || last < end ? keys.length : lowerBound(keys, end);
      const take = limit === 0 ? high : Math.min(high, low + limit - values.length);
      for (let j = low; j < take; j++) values.push(held[j]!);
      count += Math.max(0, high - low);
      if (high < keys.length) break;
    }
    return { values, count };
  }

  /** All entries in order. */
  *entries(): Generator<[string, V]> {
    for (const { keys, values } of this.#chunks) {
      for (let i = 0; i < keys.length; i++) yield [keys[i]!, values[i]!];
    }
  }

  /** The last chunk whose first key is not above `key`; 0 if there is none. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#chunks[middle]!.keys[0]! <= key) low = middle;
      else high = middle;
    }
    return low;
  }

  #own(): void {
    if (!this.#shared) return;
    this.#chunks = this.#chunks.slice();
    this.#shared = false;
  }

  #ownChunk(index: number): Chunk<V> {
    this.#own();
    const chunk = this.#chunks[index]!;
    if (chunk.owner === this.#owner) return chunk;
    const copy = { keys: chunk.keys.slice(), values: chunk.values.slice(), owner: this.#owner };
    this.#chunks[index] = copy;
    return copy;
  }

  /** Appends cut at the very end, so that ascending inserts leave full chunks behind. */
  #split(index: number, chunk: Chunk<V>, at: number): void {
    const cut = at === chunk.keys.length - 1 ? at : chunk.keys.length >>> 1;
    const right = { keys: chunk.keys.splice(cut), values: chunk.values.splice(cut), owner: this.#owner };
    this.#chunks.splice(index + 1, 0, right);
  }

  #mergeSmall(index: number, chunk: Chunk<V>): void {
    const next = this.#chunks[index + 1];
    if (next === undefined || chunk.keys.length + next.keys.length > maxChunk / 4) return;
    chunk.keys.push(...next.keys);
    chunk.values.push(...next.values);
    this.#chunks.splice(index + 1, 1);
  }
}

/** Index of the first key that is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first string after all those that begin with `prefix`; undefined when there is none. */
export function prefixEnd(prefix: string): string | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const code = prefix.charCodeAt(i);
    if (code < 0xffff) return prefix.slice(0, i) + String.fromCharCode(code + 1);
  }
  return undefined;
}
