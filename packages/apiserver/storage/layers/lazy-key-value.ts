import type { KeyValue } from '@coxswain/store';

/** A key whose value is decoded for the first who looks: most watchers know the state before an event. */
export class LazyKeyValue implements KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  #stored: KeyValue | undefined;
  readonly #decode: (kv: KeyValue) => KeyValue;
  #value: Uint8Array | undefined;

  constructor(stored: KeyValue, decode: (kv: KeyValue) => KeyValue) {
    this.key = stored.key;
    this.createRevision = stored.createRevision;
    this.modRevision = stored.modRevision;
    this.#stored = stored;
    this.#decode = decode;
  }

  get value(): Uint8Array {
    if (this.#stored !== undefined) this.#value = this.#decode(this.#stored).value;
    this.#stored = undefined;
    return this.#value as Uint8Array;
  }
}
