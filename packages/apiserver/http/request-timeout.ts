import { newBadRequest, newTimeout, type StatusError } from '@coxswain/machinery';

/** Writes take no longer than this once their body is there, as upstream's handlers. */
export const longestWriteMs = 34_000;

/** What a request is answered that takes too long. */
export function requestTimedOut(): StatusError {
  return newTimeout('request did not complete within requested timeout - context deadline exceeded', 0);
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of the query's `timeout`, which may shorten the server's limit but not lengthen it.
 * @throws {StatusError} 400 when it is no duration
 */
export function timeoutOf(text: string, limitMs: number): number {
  if (text === '') return limitMs;
  const asked = parseDuration(text);
  return asked > 0 && asked < limitMs ? asked : limitMs;
}

/** A Go duration; the errors are those of Go's time package. */
function parseDuration(text: string): number {
  const invalid = (what: string): never => {
    throw newBadRequest(
      `invalid timeout specified in the request URL - time: ${what}duration ${JSON.stringify(text)}`,
    );
  };
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  let rest = text.slice(sign.length);
  if (rest === '0') return 0;
  if (rest === '') invalid('invalid ');
  let total = 0;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return invalid('invalid ');
    rest = rest.slice(number.length);
    const unit = /^[^\d.]+/.exec(rest)?.[0];
    if (unit === undefined) return invalid('missing unit in ');
    const factor = units[unit];
    if (factor === undefined) return invalid(`unknown unit ${JSON.stringify(unit)} in `);
    total += Number(number) * factor;
    rest = rest.slice(unit.length);
  }
  return sign === '-' ? -total : total;
}
