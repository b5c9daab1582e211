import { randomUUID } from 'node:crypto';
import type { Access } from './access/access.ts';
import { MeasuredAdmission } from './access/admission/measured-admission.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import { AuditMetrics } from './audit/audit-metrics.ts';
import { buildAuditor } from './audit/build-auditor.ts';
import { addCacheMetrics } from './http/metrics/cache-metrics.ts';
import { Metrics } from './http/metrics/metrics.ts';
import { addMetricsAboutMetrics } from './http/metrics/metrics-about-metrics.ts';
import { addProcessMetrics } from './http/metrics/process-metrics.ts';
import { addStorageMetrics, resourceOfKeys } from './http/metrics/storage-metrics.ts';
import { Health } from './http/non-resource/health.ts';
import { defaultServing, type ServingOptions } from './http/serving-options.ts';
import { componentChecks, readComponents } from './registry/component-statuses.ts';
import type { RegistryContext } from './registry/context.ts';
import { CacheReader } from './registry/object-reader.ts';
import { ResourceRegistry } from './registry/resource-registry.ts';
import { Specials } from './registry/specials.ts';
import { type FollowedStore, followStore } from './storage/follow-store.ts';
import { defaultStoreTimeouts, storeHealth } from './storage/health-check.ts';
import { layStore, type StoreLayers } from './storage/layers/store-layers.ts';
import { WatchCache } from './storage/watch-cache.ts';

/** What the rest of a server is built on: the store, the cache in front of it, and what measures and watches both. */
export interface ServerCore {
  readonly context: RegistryContext;
  readonly reader: CacheReader;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly serving: ServingOptions;
  /** Absent: nothing is audited. */
  readonly auditor: ReturnType<typeof buildAuditor> | undefined;
  /** Stops following the store, after the last request. */
  close(): Promise<void>;
}

/**
 * Opens the core of a server; resolves when the cache has what is stored.
 * @param access asked for whenever somebody needs it, not before it is built
 */
export async function openCore(options: ApiServerOptions, access: () => Access): Promise<ServerCore> {
  const { clock, logger, random = Math.random, featureGates = new Map() } = options;
  const metrics = new Metrics();
  const layers = await layStore(
    options,
    metrics.registry,
    resourceOfKeys(() => resources),
  );
  const { store, isStale } = layers;
  const auditMetrics = new AuditMetrics(metrics.registry);
  const auditor = options.audit && buildAuditor(options.audit, auditMetrics, clock, logger, random);
  const watchCache = new WatchCache(store, clock, logger);
  const enabled = options.enabledVersions ?? [];
  const resources = ResourceRegistry.builtIn(watchCache, (fact) => isServed(fact, enabled));
  addProcessMetrics(metrics.registry, clock);
  addMetricsAboutMetrics(metrics.registry, { featureGates, disabled: options.disabledMetrics ?? [] });
  addStorageMetrics(metrics.registry, resources, watchCache, options.store);
  addCacheMetrics(metrics.registry, resources);
  const serving = { ...defaultServing, ...options.serving };
  const followed = await followStore(watchCache, clock, logger);
  const context: RegistryContext = {
    specials: new Specials(),
    store,
    ...(isStale === undefined ? {} : { isStale }),
    watchCache,
    resources,
    clock,
    logger,
    admission: new MeasuredAdmission(() => access().admission, clock, metrics.registry),
    uid: options.uid ?? randomUUID,
    random,
    authorize: (attributes) => access().authorize(attributes),
    ...(options.eventTtlSeconds === undefined ? {} : { eventTtlSeconds: options.eventTtlSeconds }),
  };
  addComponentStatuses(options, context, followed);
  return {
    context,
    reader: new CacheReader(resources),
    metrics,
    health: buildHealth(options, serving, metrics, layers, followed),
    serving,
    auditor,
    close: async () => {
      followed.close();
      await auditor?.close();
      layers.encryption?.close();
    },
  };
}

function addComponentStatuses(
  { components = new Map(), storeTimeouts = defaultStoreTimeouts }: ApiServerOptions,
  { specials, store, clock }: RegistryContext,
  followed: FollowedStore,
): void {
  const storeFault = storeHealth(store, followed, clock, storeTimeouts.healthMs);
  specials.setReads('componentstatuses', readComponents(componentChecks(storeFault, components)));
}

function buildHealth(
  { clock, storeTimeouts = defaultStoreTimeouts }: ApiServerOptions,
  { livezGraceMs }: ServingOptions,
  metrics: Metrics,
  { store, encryption }: StoreLayers,
  followed: FollowedStore,
): Health {
  const health = new Health(metrics.slis, livezGraceMs, clock);
  const { healthMs, readyMs } = storeTimeouts;
  health.add({ name: 'log', check: () => undefined });
  health.add({ name: 'etcd', check: storeHealth(store, followed, clock, healthMs) });
  health.addReadiness({ name: 'etcd-readiness', check: storeHealth(store, followed, clock, readyMs) });
  if (encryption !== undefined) {
    for (const name of encryption.checkNames()) health.add({ name, check: () => encryption.check() });
  }
  health.addReadiness({ name: 'informer-sync', check: () => undefined });
  return health;
}

/** Upstream serves no alpha or beta version unless told to. */
function isServed(
  { group, version }: { readonly group: string; readonly version: string },
  enabled: readonly string[],
): boolean {
  return !/alpha|beta/.test(version) || enabled.includes(`${group}/${version}`);
}
