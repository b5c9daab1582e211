import type { Clock, Logger, Timer } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';

/** Forgets history that is older than one interval, as upstream's compactor does (five minutes by default). */
export function startCompaction(store: Store, clock: Clock, logger: Logger, intervalMs: number): () => void {
  let previous = store.revision;
  let timer: Timer;
  const run = (): void => {
    const upTo = previous;
    previous = store.revision;
    timer = clock.after(intervalMs, run);
    if (upTo <= store.compactedRevision) return;
    store.compact(upTo).catch((error: unknown) => {
      logger.error('compaction failed', { revision: upTo, error: String(error) });
    });
  };
  timer = clock.after(intervalMs, run);
  return () => timer.cancel();
}
