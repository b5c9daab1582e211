import type { KeyValue } from '@coxswain/store';

/** A write under way. */
interface Pending {
  readonly stored: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * What a store that changes values on their way is writing: a write's event is told before its answer comes, and need
 * not be changed back, as its bytes are those that were sent.
 */
export class OwnWrites {
  readonly #pending = new Map<string, Set<Pending>>();

  /** Does a write; meanwhile `valueOf` knows `value` by the bytes that are stored for it. */
  async during<T>(key: string, stored: Uint8Array, value: Uint8Array, write: () => Promise<T>): Promise<T> {
    const pending: Pending = { stored, value };
    const ofKey = this.#pending.get(key) ?? new Set();
    this.#pending.set(key, ofKey.add(pending));
    try {
      return await write();
    } finally {
      ofKey.delete(pending);
      if (ofKey.size === 0 && this.#pending.get(key) === ofKey) this.#pending.delete(key);
    }
  }

  /** The value that was given to be written; undefined when it is not a write under way that has stored the bytes. */
  valueOf({ key, value }: KeyValue): Uint8Array | undefined {
    const ofKey = this.#pending.get(key);
    if (ofKey === undefined) return undefined;
    const stored = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    for (const pending of ofKey) if (stored.equals(pending.stored)) return pending.value;
    return undefined;
  }
}
