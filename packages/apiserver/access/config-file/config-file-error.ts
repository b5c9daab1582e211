import type { FieldError } from '@coxswain/machinery';

/** A configuration of access that cannot be used; the message is upstream's. */
export class AccessConfigError extends Error {
  override readonly name = 'AccessConfigError';
  readonly code = 'ACCESS_CONFIG_INVALID';
}

/** Go's aggregate of errors: one as it is, several in brackets, each text once. */
export function aggregate(texts: readonly string[]): string {
  const different = [...new Set(texts)];
  return different.length === 1 ? (different[0] as string) : `[${different.join(', ')}]`;
}

/** @throws {AccessConfigError} when there are faults */
export function throwFaults(errors: readonly FieldError[], prefix = ''): void {
  if (errors.length === 0) return;
  throw new AccessConfigError(
    `${prefix}${aggregate(errors.map(({ field, message }) => `${field}: ${message}`))}`,
  );
}
