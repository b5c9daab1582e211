import { Failure } from './error-text.ts';
import type { Session } from './session.ts';

/** The value of `--validate` as the server takes it. Throws `Failure` for a wrong one. */
export function fieldValidationOf(session: Session): 'Strict' | 'Warn' | 'Ignore' {
  const text = session.flags.known('validate') ? (session.flags.string('validate') ?? 'strict') : 'strict';
  switch (text) {
    case 'strict':
    case 'true':
      return 'Strict';
    case 'warn':
      return 'Warn';
    case 'ignore':
    case 'false':
      return 'Ignore';
    default:
      throw new Failure(
        `invalid - validate option "${text}"; must be one of strict (or true), warn, ignore (or false)`,
      );
  }
}
