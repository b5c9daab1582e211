/** The texts that upstream's validators share. */
export function maxLenError(length: number): string {
  return `must be no more than ${length} characters`;
}

/** The same for label keys and values, which upstream counts in bytes by name. */
export function maxBytesError(length: number): string {
  return `must be no more than ${length} bytes`;
}

/** What upstream says about a value that does not match `format`. */
export function regexError(message: string, format: string, ...examples: string[]): string {
  const shown = examples.map((e) => `'${e}', `).join(' or ');
  const head = examples.length === 0 ? '' : `e.g. ${shown}`;
  return `${message} (${head}regex used for validation is '${format}')`;
}

export const emptyError = 'must be non-empty';

export function inclusiveRangeError(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

/** Length in bytes of UTF-8, as Go counts strings. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** Compiles a format to a pattern that must match the whole value. */
export function whole(format: string): RegExp {
  return new RegExp(`^(?:${format})$`);
}
