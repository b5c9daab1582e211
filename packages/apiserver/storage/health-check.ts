import type { Clock } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import type { FollowedStore } from './follow-store.ts';

/** How long the store may take to answer. */
export interface StoreTimeouts {
  /** `--etcd-healthcheck-timeout`, for livez. */
  readonly healthMs: number;
  /** `--etcd-readycheck-timeout`, for readyz. */
  readonly readyMs: number;
}

export const defaultStoreTimeouts: StoreTimeouts = { healthMs: 2_000, readyMs: 2_000 };

/**
 * Why the store is of no use at present; undefined when it answers in time. It is asked once in half of that time at
 * most, as by upstream: who comes sooner is told what was known last.
 */
export function storeHealth(
  store: Store,
  followed: FollowedStore,
  clock: Clock,
  timeoutMs: number,
): () => Promise<string | undefined> {
  let known: string | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** The read that is under way; it may take longer than who asks is waiting. */
  let reading: Promise<string | undefined> | undefined;
  const read = (): Promise<string | undefined> => {
    reading ??= (store.readRevision?.() ?? Promise.resolve(0))
      .then(
        () => undefined,
        (error: Error) => `error getting data from etcd: ${error.message}`,
      )
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return async () => {
    const behind = followed.fault();
    if (behind !== undefined || store.readRevision === undefined) return behind;
    const now = clock.monotonic();
    if (now - askedAt < timeoutMs / 2) return known;
    askedAt = now;
    return new Promise((resolve) => {
      const tell = (fault: string | undefined): void => {
        timer.cancel();
        known = fault;
        resolve(fault);
      };
      const timer = clock.after(timeoutMs, () =>
        tell('error getting data from etcd: context deadline exceeded'),
      );
      read().then(tell);
    });
  };
}
