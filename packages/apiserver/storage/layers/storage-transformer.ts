/**
 * How a value comes back from a store: as it is there, changed at once, or changed when somebody outside of the process
 * has been asked.
 */
export type Passage = 'unchanged' | 'immediate' | 'remote';

/** Changes values on their way to a store and back. Promises only where somebody is waited for. */
export interface StorageTransformer {
  /** What holds for the values of a key; those that pass unchanged are asked for nothing else. */
  passage(key: string): Passage;
  /** The value as it is to be stored. @throws StatusError, or rejects, where it cannot be written */
  toStorage(key: string, value: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * A stored value as it was given: the same bytes where they are. Never fails: of a value that cannot be read it gives
   * what stands for it, so that the others are read.
   */
  fromStorage(key: string, stored: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * Whether the value would be stored otherwise if it were written now.
   * @throws StatusError, or rejects, where who would know does not answer
   */
  isStale(key: string, stored: Uint8Array): boolean | Promise<boolean>;
}
