import { statfs } from 'node:fs/promises';
import type { Image, Runtime } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';

/** Upstream's defaults: begin at 85 % of the file system, end at 80 %, spare what is younger than 2 min. */
const highPercent = 85;
const lowPercent = 80;
const minAgeMs = 120_000;
const intervalMs = 300_000;

/** When an image was first seen and last in use, in ms of the monotonic clock. */
export interface ImageRecord {
  readonly image: Image;
  readonly firstSeen: number;
  readonly lastUsed: number;
}

/**
 * The images to remove so that `bytes` become free: the longest unused first. Images in use, pinned, young, or
 * without a digest of a registry (brought in from a file: they could not be pulled again) are spared.
 */
export function imagesToRemove(
  records: readonly ImageRecord[],
  inUse: ReadonlySet<string>,
  bytes: number,
  now: number,
): readonly Image[] {
  const candidates = records
    .filter(({ image }) => !inUse.has(image.id) && !image.pinned && image.repoDigests.length > 0)
    .filter(({ firstSeen }) => now - firstSeen >= minAgeMs)
    .sort((a, b) => a.lastUsed - b.lastUsed || a.firstSeen - b.firstSeen);
  const chosen: Image[] = [];
  for (let freed = 0; freed < bytes; ) {
    const next = candidates.shift();
    if (!next) break;
    chosen.push(next.image);
    freed += next.image.size;
  }
  return chosen;
}

/** Removes unused images while the file system that holds them is nearly full. */
export class ImageGc {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #warn: (message: string) => void;
  readonly #seen = new Map<string, { firstSeen: number; lastUsed: number }>();

  /** @param warn tells of a node that stays full */
  constructor(runtime: Runtime, clock: Clock, logger: Logger, warn: (message: string) => void) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#logger = logger;
    this.#warn = warn;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.collect();
      } catch (error) {
        this.#logger.warn('could not collect images', { error: String(error) });
      }
      await this.#clock.sleep(intervalMs, signal).catch(() => {});
    }
  }

  async collect(): Promise<void> {
    const now = this.#clock.monotonic();
    const [images, containers] = await Promise.all([
      this.#runtime.listImages(),
      this.#runtime.listContainers(),
    ]);
    const inUse = new Set(containers.flatMap((c) => [c.imageId, c.imageRef, c.image.image]));
    const used = new Set(
      images
        .filter((i) => [i.id, ...i.repoTags, ...i.repoDigests].some((n) => inUse.has(n)))
        .map((i) => i.id),
    );
    const records = images.map((image): ImageRecord => {
      const seen = this.#seen.get(image.id) ?? { firstSeen: now, lastUsed: 0 };
      if (used.has(image.id)) seen.lastUsed = now;
      this.#seen.set(image.id, seen);
      return { image, ...seen };
    });
    for (const id of this.#seen.keys()) if (!images.some((i) => i.id === id)) this.#seen.delete(id);

    const excess = await this.#excessBytes();
    if (excess <= 0) return;
    const chosen = imagesToRemove(records, used, excess, now);
    for (const image of chosen) await this.#runtime.removeImage({ image: image.id });
    const freed = chosen.reduce((sum, i) => sum + i.size, 0);
    if (freed < excess) {
      this.#warn(
        `Failed to garbage collect required amount of images. Attempted to free ${excess} bytes, but only found ${freed} bytes eligible to free.`,
      );
    }
  }

  /** Bytes to free to get from above the high mark to the low one; 0 below the high mark. */
  async #excessBytes(): Promise<number> {
    const [filesystem] = await this.#runtime.imageFsInfo();
    if (!filesystem || filesystem.mountpoint === '') return 0;
    const { blocks, bavail, bsize } = await statfs(filesystem.mountpoint);
    const capacity = blocks * bsize;
    const usedPercent = 100 - Math.floor((bavail * 100) / blocks);
    return usedPercent < highPercent ? 0 : (capacity * (100 - lowPercent)) / 100 - bavail * bsize;
  }
}
