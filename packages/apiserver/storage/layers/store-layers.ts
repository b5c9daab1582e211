import type { Clock, Logger, MetricsRegistry } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import { EncryptionMetrics } from '../encryption/encryption-metrics.ts';
import { type EncryptionOptions, EncryptionSource } from '../encryption/encryption-source.ts';
import { EncryptionTransformer } from '../encryption/encryption-transformer.ts';
import { MeasuredStore, type ResourceOfKey } from './measured-store.ts';
import type { StorageMediaType } from './media.ts';
import { MediaTransformer } from './media-transformer.ts';
import { staleIn } from './stale.ts';
import { TransformingStore } from './transforming-store.ts';

export interface StoreLayersOptions {
  readonly store: Store;
  /** Absent: values are stored in the clear. */
  readonly encryption?: EncryptionOptions;
  /** Absent: values are stored as they come. */
  readonly storageMediaType?: StorageMediaType;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An engine and what lies between it and the watch cache. */
export interface StoreLayers {
  readonly store: MeasuredStore;
  /** Absent: nothing is encrypted. */
  readonly encryption: EncryptionSource | undefined;
  /** Whether a key's value would be stored otherwise now; absent where no layer has a say. */
  readonly isStale: ((key: string) => Promise<boolean>) | undefined;
}

/** Lays encryption, the stored media type and measurement over an engine, as far as they are asked for. */
export async function layStore(
  { store, encryption, storageMediaType, clock, logger }: StoreLayersOptions,
  metrics: MetricsRegistry,
  resourceOf: ResourceOfKey,
): Promise<StoreLayers> {
  const source = encryption && (await EncryptionSource.open(encryption, clock, logger, metrics));
  const encrypted =
    source &&
    new TransformingStore(
      store,
      new EncryptionTransformer({
        encryption: () => source.current,
        keyPrefix: source.keyPrefix,
        clock,
        logger,
        metrics: new EncryptionMetrics(metrics, clock),
      }),
    );
  const engine = encrypted ?? store;
  const media =
    storageMediaType && new TransformingStore(engine, new MediaTransformer(storageMediaType, logger));
  return {
    store: new MeasuredStore(media ?? engine, clock, metrics, resourceOf),
    encryption: source,
    isStale: staleIn(encrypted, media),
  };
}
