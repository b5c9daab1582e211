import { join } from 'node:path';
import type { StorageMediaType } from '@coxswain/apiserver';
import type { Clock, Logger } from '@coxswain/machinery';
import { openEmbeddedStore, type Store } from '@coxswain/store';
import { UsageError } from './cli-error.ts';
import { fileOf, pairFromFiles } from './flag-files.ts';
import type { Flags } from './flags.ts';

/** The store that the flags name, and the form in which it holds values where that can be chosen. */
export interface OpenedStore {
  readonly store: Store;
  readonly storageMediaType?: StorageMediaType;
}

const protobuf = 'application/vnd.kubernetes.protobuf';
const mediaTypes: readonly string[] = ['application/json', protobuf];

export interface OpenStoreOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends an opening that waits for an etcd. */
  readonly signal: AbortSignal;
}

/** Opens the embedded store of the data dir, or that of an etcd when `--etcd-servers` names one. */
export async function openStore(
  flags: Flags,
  { dataDir, clock, logger, signal }: OpenStoreOptions,
): Promise<OpenedStore> {
  const backend = flags.string('storage-backend') ?? '';
  if (backend !== '' && backend !== 'etcd3') {
    throw new UsageError(
      "error: --storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'",
    );
  }
  const servers = flags.strings('etcd-servers');
  if (servers.length === 0) {
    return { store: await openEmbeddedStore({ dir: join(dataDir, 'store'), clock, logger }) };
  }
  const storageMediaType = flags.string('storage-media-type') ?? protobuf;
  if (!mediaTypes.includes(storageMediaType)) {
    throw new UsageError(
      `error: --storage-media-type "${storageMediaType}" is not one of ${mediaTypes.join(', ')}`,
    );
  }
  const ca = fileOf(flags, 'etcd-cafile');
  const prefix = flags.string('etcd-prefix');
  // Loaded for those who use it: gRPC takes longer to load than the embedded store to open.
  const { openEtcdStore } = await import('@coxswain/store-etcd');
  const store = await openEtcdStore({
    servers,
    ...(prefix === undefined ? {} : { prefix }),
    ...(ca === undefined ? {} : { ca }),
    ...pairFromFiles(flags, 'etcd-certfile', 'etcd-keyfile'),
    clock,
    signal,
  });
  return { store, storageMediaType: storageMediaType as StorageMediaType };
}
