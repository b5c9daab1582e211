import type { Clock, Logger } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import type { AccessOptions } from './access/options.ts';
import type { AggregatorSettings } from './aggregator/aggregator.ts';
import type { AuditOptions } from './audit/build-auditor.ts';
import type { KubeletClientOptions } from './http/connect/backend.ts';
import type { ListenOptions } from './http/listener/server.ts';
import type { ServingOptions } from './http/serving-options.ts';
import type { ComponentCheck } from './registry/component-statuses.ts';
import type { EncryptionOptions } from './storage/encryption/encryption-source.ts';
import type { StoreTimeouts } from './storage/health-check.ts';
import type { StorageMediaType } from './storage/layers/media.ts';

/** How an API server runs. */
export interface ApiServerOptions {
  readonly store: Store;
  /** `--storage-media-type`: in which form values are written; absent: as the cache has them, JSON. */
  readonly storageMediaType?: StorageMediaType;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: no listener, reached through `loopback` alone. */
  readonly listen?: ListenOptions;
  readonly access: Omit<AccessOptions, 'transport' | 'logger' | 'serverUrl'>;
  /** The machine's: under it a lease tells that this server is there. Absent: nothing does. */
  readonly hostname?: string;
  /** Address that others reach the server under; default: the listener's. */
  readonly advertiseAddress?: string;
  /** `--service-cluster-ip-range`. */
  readonly serviceClusterIPRange: string;
  /** `--allow-privileged`; default: they are let in. */
  readonly allowPrivileged?: boolean;
  /** `--service-node-port-range`, first and last. */
  readonly serviceNodePortRange: readonly [number, number];
  /** How to reach kubelets; absent: with no client certificate. */
  readonly kubelet?: KubeletClientOptions;
  /** How this server stands before others that serve APIs; default: as upstream's flags do. */
  readonly aggregator?: AggregatorSettings;
  /** `--etcd-compaction-interval`; 0: never. */
  readonly compactionIntervalMs: number;
  /** Which versions are served besides the stable ones: `--runtime-config`, such as `networking.k8s.io/v1beta1`. */
  readonly enabledVersions?: readonly string[];
  /** How long a shutdown waits for running requests. */
  readonly shutdownGraceMs?: number;
  /** How long the store may take before the server is unwell; absent: as upstream has it. */
  readonly storeTimeouts?: StoreTimeouts;
  /** `--event-ttl`; absent: an hour. */
  readonly eventTtlSeconds?: number;
  /** `--feature-gates`: what is told of them; absent: none was set. */
  readonly featureGates?: ReadonlyMap<string, boolean>;
  /** `--disabled-metrics`. */
  readonly disabledMetrics?: readonly string[];
  /** `--external-hostname`: the name under which others reach the server; absent: its address. */
  readonly externalHostname?: string;
  /** Components in this process, by the names of `componentstatuses`; others are asked on their usual ports. */
  readonly components?: ReadonlyMap<string, ComponentCheck>;
  /** Absent: values are stored as they are. */
  readonly encryption?: EncryptionOptions;
  /** Absent: nothing is audited. */
  readonly audit?: AuditOptions;
  /** Limits of the server; what is absent is as upstream has it. */
  readonly serving?: Partial<ServingOptions>;
  /** Sources of chance, for runs that must repeat. */
  readonly random?: () => number;
  readonly uid?: () => string;
}
