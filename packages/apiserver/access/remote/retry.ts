import { ConnectionError } from '@coxswain/client';
import { type Clock, StatusError } from '@coxswain/machinery';

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

function isPassing(error: unknown): boolean {
  if (error instanceof StatusError) {
    const { reason = '', details } = error.status;
    return passingReasons.has(reason) || (details?.retryAfterSeconds ?? 0) > 0;
  }
  const cause = error instanceof ConnectionError ? (error.cause as NodeJS.ErrnoException) : undefined;
  return cause?.code === 'ECONNRESET';
}
