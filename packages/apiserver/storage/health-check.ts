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

/** Why the store is of no use at present; undefined when it answers in time. */
export function storeHealth(
  store: Store,
  followed: FollowedStore,
  clock: Clock,
  timeoutMs: number,
): () => Promise<string | undefined> {
  return async () => {
    const behind = followed.fault();
    if (behind !== undefined || store.readRevision === undefined) return behind;
    return new Promise((resolve) => {
      const timer = clock.after(timeoutMs, () =>
        resolve('error getting data from etcd: context deadline exceeded'),
      );
      const done = (fault?: string): void => {
        timer.cancel();
        resolve(fault);
      };
      store.readRevision?.().then(
        () => done(),
        (error: Error) => done(`error getting data from etcd: ${error.message}`),
      );
    });
  };
}
