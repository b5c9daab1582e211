import type { Clock, Logger, Timer } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';

/** Forgets history that is older than one interval, as upstream's compactor does (five minutes by default). */
export function startCompaction(store: Store, clock: Clock, logger: Logger, intervalMs: number): () => void {
  const round = store.compactTogether === undefined ? compactAlone(store) : compactTogether(store);
  let timer: Timer;
  let stopped = false;
  const run = (): void => {
    round()
      .catch((error: unknown) => logger.error('compaction failed', { error: String(error) }))
      .finally(() => {
        if (!stopped) timer = clock.after(intervalMs, run);
      });
  };
  timer = clock.after(intervalMs, run);
  return () => {
    stopped = true;
    timer.cancel();
  };
}

function compactAlone(store: Store): () => Promise<void> {
  let previous = store.revision;
  return async () => {
    const upTo = previous;
    previous = store.revision;
    if (upTo > store.compactedRevision) await store.compact(upTo);
  };
}

/** A server that has just come learns the version first; whoever wins a round compacts what it saw in the last. */
function compactTogether(store: Store): () => Promise<void> {
  let version = 0;
  let revision = 0;
  return async () => {
    const next = await store.compactTogether?.(version, revision);
    if (next !== undefined) ({ version, revision } = next);
  };
}
