import type { FieldError } from '@coxswain/machinery';

/** A configuration file that cannot be used; the message is upstream's. */
export class ConfigFileError extends Error {
  override readonly name: string = 'ConfigFileError';
  readonly code = 'CONFIG_FILE_INVALID';
}

/** Go's aggregate of errors: one as it is, several in brackets, each text once. */
export function aggregate(texts: readonly string[]): string {
  const different = [...new Set(texts)];
  return different.length === 1 ? (different[0] as string) : `[${different.join(', ')}]`;
}

/** @throws {ConfigFileError} when there are faults */
export function throwFaults(errors: readonly FieldError[], prefix = ''): void {
  if (errors.length === 0) return;
  throw new ConfigFileError(
    `${prefix}${aggregate(errors.map(({ field, message }) => `${field}: ${message}`))}`,
  );
}
