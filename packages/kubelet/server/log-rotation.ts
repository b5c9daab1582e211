import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { RuntimeService } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';

/** Upstream's defaults: looked at each 10 s, 10 MiB a file, 5 files a container. */
const intervalMs = 10_000;
const maxBytes = 10 << 20;
const maxFiles = 5;

/** Rotates the logs of running containers until the signal aborts. */
export async function rotateLogs(
  runtime: RuntimeService,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      for (const { id } of await runtime.listContainers({ state: 'CONTAINER_RUNNING' })) {
        const { logPath } = await runtime.containerStatus(id);
        if (logPath !== '')
          await rotateIfLarge(logPath, maxBytes, clock.now(), () => runtime.reopenContainerLog(id));
      }
    } catch (error) {
      logger.debug('could not rotate the logs', { error: String(error) });
    }
  }
}

/**
 * Moves a log that is too large out of the way and compresses those moved before; `reopen` makes the runtime
 * write to a new file.
 */
export async function rotateIfLarge(
  path: string,
  limit: number,
  now: number,
  reopen: () => Promise<void>,
): Promise<void> {
  const { size } = await stat(path);
  if (size < limit) return;
  const rotated = await rotatedLogs(path);
  // With the current one and the one that is about to be moved, so many may stay.
  for (const name of rotated.slice(0, Math.max(0, rotated.length - (maxFiles - 2)))) await rm(name);
  for (const name of (await rotatedLogs(path)).filter((n) => !n.endsWith('.gz'))) await compress(name);
  const moved = `${path}.${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;
  await rename(path, moved);
  try {
    await reopen();
  } catch (error) {
    // The runtime still writes to the old file: give it its name back.
    await rename(moved, path);
    throw error;
  }
}

/** The moved logs of a container, the oldest first. */
async function rotatedLogs(path: string): Promise<string[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp'))
    .sort()
    .map((name) => join(dirname(path), name));
}

async function compress(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary));
  await rename(temporary, `${path}.gz`);
  await rm(path);
}
