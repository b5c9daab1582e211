import { ConnectionError } from '@coxswain/client';
import { type Clock, type Status, StatusError } from '@coxswain/machinery';

/** How often and after how long a webhook is asked again (upstream's defaults for access webhooks). */
const backoff = { firstMs: 500, factor: 1.5, jitter: 0.2, steps: 5 } as const;

/** Asks until there is an answer, or a fault that asking again does not mend. */
export async function withRetries<T>(ask: () => Promise<T>, clock: Clock, random: () => number): Promise<T> {
  let waitMs: number = backoff.firstMs;
  for (let step = 1; ; step++) {
    try {
      return await ask();
    } catch (error) {
      if (step === backoff.steps || !isPassing(error)) throw error;
    }
    await clock.sleep(waitMs * (1 + backoff.jitter * random()));
    waitMs *= backoff.factor;
  }
}

const passingReasons: ReadonlySet<string> = new Set(['InternalError', 'Timeout', 'TooManyRequests']);
/** What codes stand for where there is no reason that is known. */
const passingCodes: ReadonlySet<number> = new Set([500, 504]);
const knownReasons: ReadonlySet<string> = new Set([
  ...['AlreadyExists', 'BadRequest', 'Conflict', 'Expired', 'Forbidden', 'Gone', 'InternalError', 'Invalid'],
  ...['MethodNotAllowed', 'NotAcceptable', 'NotFound', 'RequestEntityTooLarge', 'ServerTimeout'],
  ...['ServiceUnavailable', 'StorageReadError', 'Timeout', 'TooManyRequests', 'Unauthorized'],
  'UnsupportedMediaType',
]);
const tooManyRequests = 429;

function isPassing(error: unknown): boolean {
  if (error instanceof StatusError) return isPassingStatus(error.status);
  const cause = error instanceof ConnectionError ? (error.cause as NodeJS.ErrnoException) : undefined;
  // a connection that was only ended has the same code
  return cause?.code === 'ECONNRESET' && cause.message === 'read ECONNRESET';
}

function isPassingStatus({ reason = '', code = 0, details }: Partial<Status>): boolean {
  if (passingReasons.has(reason) || code === tooManyRequests) return true;
  if (!knownReasons.has(reason) && passingCodes.has(code)) return true;
  return details !== undefined && (reason === 'ServerTimeout' || (details.retryAfterSeconds ?? 0) > 0);
}
