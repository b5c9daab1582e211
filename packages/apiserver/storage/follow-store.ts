import type { Clock, Logger } from '@coxswain/machinery';
import type { WatchCache } from './watch-cache.ts';

const firstDelayMs = 100;
const longestDelayMs = 5_000;

/** The watch cache's connection with its store. */
export interface FollowedStore {
  /** Why the cache is behind; undefined while it follows. */
  fault(): string | undefined;
  close(): void;
}

/**
 * Loads the cache and keeps it following the store. A shared store may end the watch, as its history was
 * compacted while it could not be reached: the cache then takes up what changed and goes on.
 */
export async function followStore(cache: WatchCache, clock: Clock, logger: Logger): Promise<FollowedStore> {
  const stop = new AbortController();
  let fault: string | undefined;
  const onEnd = (error?: Error): void => {
    if (stop.signal.aborted) return;
    fault = `the store ended the watch: ${error?.message ?? 'closed'}`;
    if (error !== undefined) logger.error('the store ended the watch', { error: String(error) });
    if (cache.store.readRevision === undefined || error === undefined) return;
    resume().catch((cause: unknown) => logger.error('cannot follow the store', { error: String(cause) }));
  };
  const resume = async (): Promise<void> => {
    for (let delay = firstDelayMs; !stop.signal.aborted; delay = Math.min(delay * 2, longestDelayMs)) {
      try {
        await cache.resume();
        fault = undefined;
        return;
      } catch (error) {
        logger.error('cannot read the store anew', { error: String(error) });
      }
      await clock.sleep(delay, stop.signal).catch(() => undefined);
    }
  };
  await cache.start(onEnd);
  return {
    fault: () => fault,
    close: () => {
      stop.abort();
      cache.close();
    },
  };
}
