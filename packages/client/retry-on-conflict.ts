import { type Clock, isConflict, systemClock } from '@coxswain/machinery';

export interface RetryOptions {
  /** How often the work is done at most. Default: 5, as client-go's DefaultRetry. */
  readonly attempts?: number;
  /** Wait before the second attempt. Default: 10 ms. */
  readonly initialMs?: number;
  /** What each wait is longer than the one before. Default: 1; client-go's DefaultBackoff has 5. */
  readonly factor?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Does work that reads an object, changes it and writes it back, and does it again when somebody else was faster.
 * @param work must read the object itself: what an attempt before read is old
 * @returns what the work gives
 * @throws the last conflict when every attempt met one, and any other error at once
 */
export async function retryOnConflict<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 5, initialMs = 10, factor = 1, clock = systemClock, signal } = options;
  for (let attempt = 1, ms = initialMs; ; attempt++, ms *= factor) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt >= attempts) throw error;
    }
    await clock.sleep(ms, signal);
  }
}
