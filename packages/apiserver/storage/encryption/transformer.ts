/**
 * Turns values into what a store may hold and back. `authenticated` is the key of the value: what is bound to it
 * cannot be read under another one.
 */
export interface ValueTransformer {
  /** What every value of it begins with; '' for values as they are. */
  readonly prefix: string;
  /** Whether somebody outside of the process is asked. */
  readonly remote?: boolean;
  /** The value without the prefix. */
  encrypt(value: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array>;
  /** @throws TransformError where it is damaged or of another key; also as a rejection */
  decrypt(data: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array>;
  /**
   * Whether a value that it can read would be written otherwise now. Rejects where somebody who would know cannot be
   * asked. Absent: never.
   */
  isStale?(data: Uint8Array, authenticated: string): Promise<boolean>;
}

/** A stored value cannot be read, whoever tries again. */
export class TransformError extends Error {
  override readonly name = 'TransformError';
  readonly code = 'VALUE_TRANSFORM';
}
