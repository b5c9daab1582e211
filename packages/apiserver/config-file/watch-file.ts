import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Logger, Timer } from '@coxswain/machinery';

/** As upstream: a change that the file system did not tell of is seen after a minute. */
const pollMs = 60_000;

/**
 * Calls `check` whenever a file may have changed: when something happens in its folder (files of mounted
 * volumes change by a link), and every minute. A check runs to its end before the next begins.
 * @returns what stops it
 */
export function watchFile(
  path: string,
  check: () => Promise<void>,
  clock: Clock,
  logger: Logger,
): () => void {
  let running = false;
  let again = false;
  let closed = false;
  let timer: Timer | undefined;
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    timer?.cancel();
    do {
      again = false;
      try {
        await check();
      } catch (error) {
        logger.error('checking a configuration file failed', { path, error: String(error) });
      }
    } while (again && !closed);
    running = false;
    if (!closed) timer = clock.after(pollMs, () => void run());
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, () => void run());
    watcher.on('error', (error) =>
      logger.error('watching a configuration file failed', { path, error: String(error) }),
    );
  } catch (error) {
    logger.error('watching a configuration file failed', { path, error: String(error) });
  }
  timer = clock.after(pollMs, () => void run());
  return () => {
    closed = true;
    timer?.cancel();
    watcher?.close();
  };
}
