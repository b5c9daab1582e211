import {
  GoDurationError,
  newBadRequest,
  newTimeout,
  parseGoDuration,
  type StatusError,
} from '@coxswain/machinery';

/** Writes take no longer than this once their body is there, as upstream's handlers. */
export const longestWriteMs = 34_000;

/** What a request is answered whose time is over, in plain text: whoever makes the answer may be busy still. */
export function timeIsOver(): StatusError {
  return newTimeout('request did not complete within the allotted timeout', 0);
}

/** What a write is answered that takes too long. */
export function requestTimedOut(): StatusError {
  return newTimeout('request did not complete within requested timeout - context deadline exceeded', 0);
}

/**
 * Milliseconds of the query's `timeout`, which may shorten the server's limit but not lengthen it.
 * @throws {StatusError} 400 when it is no duration
 */
export function timeoutOf(text: string, limitMs: number): number {
  if (text === '') return limitMs;
  const asked = parseTimeout(text);
  return asked > 0 && asked < limitMs ? asked : limitMs;
}

function parseTimeout(text: string): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
    throw newBadRequest(`invalid timeout specified in the request URL - ${error.message}`);
  }
}
