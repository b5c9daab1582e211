import type { Clock } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import type { FollowedStore } from './follow-store.ts';

/** `--etcd-healthcheck-timeout` and `--etcd-readycheck-timeout`: both are 2 s by default. */
const timeoutMs = 2_000;

/** Why the store is of no use at present; undefined when it answers. */
export function storeHealth(
  store: Store,
  followed: FollowedStore,
  clock: Clock,
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
