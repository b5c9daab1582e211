import { GoDurationError, parseGoDuration } from '@coxswain/machinery';
import { ConfigFileError } from './config-file-error.ts';

/** Milliseconds of a duration in a configuration file; 0 where there is none. @throws {ConfigFileError} in Go's words */
export function durationOf(text: string | undefined): number {
  if (text === undefined) return 0;
  try {
    return parseGoDuration(text);
  } catch (cause) {
    if (cause instanceof GoDurationError) throw new ConfigFileError(cause.message, { cause });
    throw cause;
  }
}
