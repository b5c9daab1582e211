/**
 * Turns values into what a store may hold and back. `authenticated` is the key of the value: what is bound to it
 * cannot be read under another one.
 */
export interface ValueTransformer {
  /** What every value of it begins with; '' for values as they are. */
  readonly prefix: string;
  /** What newly written values are told by: of two values with the same label neither is staler than the other. */
  readonly label: string;
  /** Whether somebody outside of the process is asked. */
  readonly remote?: boolean;
  /** The value without the prefix. */
  encrypt(value: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array>;
  /** @throws TransformError where it is damaged or of another key; also as a rejection */
  decrypt(data: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array>;
  /** The label of a value that was written by it. */
  labelOf(data: Uint8Array): string;
}

/** A stored value cannot be read, whoever tries again. */
export class TransformError extends Error {
  override readonly name = 'TransformError';
  readonly code = 'VALUE_TRANSFORM';
}
