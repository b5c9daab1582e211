import type { Logger } from '@coxswain/machinery';
import { fromStoredMedia, type StorageMediaType, toStoredMedia } from './media.ts';
import type { Passage, StorageTransformer } from './storage-transformer.ts';

/**
 * Between the form in which upstream stores values and that in which the cache keeps them. What others wrote may be
 * protobuf or JSON; what is written here is of one media type.
 */
export class MediaTransformer implements StorageTransformer {
  readonly #mediaType: StorageMediaType;
  readonly #logger: Logger;

  constructor(mediaType: StorageMediaType, logger: Logger) {
    this.#mediaType = mediaType;
    this.#logger = logger;
  }

  /** Ranges of which numbers are given out have a codec of their own. */
  passage(key: string): Passage {
    return key.startsWith('/registry/ranges/') ? 'unchanged' : 'immediate';
  }

  toStorage(_key: string, value: Uint8Array): Uint8Array {
    return toStoredMedia(value, this.#mediaType);
  }

  /** A value that cannot be read stays as it is. */
  fromStorage(key: string, stored: Uint8Array): Uint8Array {
    try {
      return fromStoredMedia(stored);
    } catch (error) {
      this.#logger.error('a stored value cannot be decoded', { key, error: String(error) });
      return stored;
    }
  }

  /** Stored in another form or version. */
  isStale(_key: string, stored: Uint8Array): boolean {
    return Buffer.compare(toStoredMedia(fromStoredMedia(stored), this.#mediaType), stored) !== 0;
  }
}
