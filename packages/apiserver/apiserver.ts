import { randomUUID } from 'node:crypto';
import { Client, type Transport } from '@coxswain/client';
import type { Clock, Logger } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import { type Access, buildAccess } from './access/access.ts';
import { MeasuredAdmission } from './access/admission/measured-admission.ts';
import { publishTrust } from './access/authentication/front-proxy/trust-publisher.ts';
import type { UserInfo } from './access/contract.ts';
import { loopbackUser } from './access/loopback-user.ts';
import type { AccessOptions } from './access/options.ts';
import { Aggregator, type AggregatorSettings, defaultAggregatorSettings } from './aggregator/aggregator.ts';
import { AuditMetrics } from './audit/audit-metrics.ts';
import { type AuditOptions, buildAuditor } from './audit/build-auditor.ts';
import { authenticationConfigMap } from './bootstrap/authentication-config-map.ts';
import { keepIdentityLease } from './bootstrap/identity-lease.ts';
import { Definitions } from './extensions/definitions.ts';
import { buildLimits } from './flow-control/build-limits.ts';
import type { KubeletClientOptions } from './http/connect/backend.ts';
import { Connector } from './http/connect/connector.ts';
import { followCertificates, type TlsMaterial } from './http/follow-certificates.ts';
import { RequestHandler } from './http/handler.ts';
import { Metrics } from './http/metrics/metrics.ts';
import { addMetricsAboutMetrics } from './http/metrics/metrics-about-metrics.ts';
import { addProcessMetrics } from './http/metrics/process-metrics.ts';
import { addStorageMetrics, resourceOfKeys } from './http/metrics/storage-metrics.ts';
import { debugPaths } from './http/non-resource/debug/debug-paths.ts';
import { Discovery } from './http/non-resource/discovery.ts';
import { Health } from './http/non-resource/health.ts';
import { nonResourceHandler } from './http/non-resource/non-resource.ts';
import { addStartSteps } from './http/non-resource/start-steps.ts';
import { OpenStreams } from './http/open-streams.ts';
import { RequestAudits } from './http/request-audits.ts';
import { type Listener, type ListenOptions, listen } from './http/server.ts';
import { defaultServing, type ServingOptions } from './http/serving-options.ts';
import { LoopbackTransport } from './loopback.ts';
import { loopbackRaw } from './loopback-raw.ts';
import { createBootstrapObjects } from './registry/bootstrap.ts';
import { addBuiltInSpecials } from './registry/build-specials.ts';
import type { RegistryContext } from './registry/context.ts';
import { CacheReader } from './registry/object-reader.ts';
import { forbidPrivileges } from './registry/pods/privileges.ts';
import { ResourceRegistry } from './registry/resource-registry.ts';
import { startAllocationRepair } from './registry/services/allocation-repair.ts';
import { addAllocatorMetrics } from './registry/services/allocator-metrics.ts';
import { reconcileKubernetesService } from './registry/services/kubernetes-service.ts';
import { ServiceAllocators } from './registry/services/service-allocators.ts';
import { Specials } from './registry/specials.ts';
import { startCompaction } from './storage/compaction.ts';
import { EncryptedStore } from './storage/encryption/encrypted-store.ts';
import { EncryptionMetrics } from './storage/encryption/encryption-metrics.ts';
import { type EncryptionOptions, EncryptionSource } from './storage/encryption/encryption-source.ts';
import { followStore } from './storage/follow-store.ts';
import { defaultStoreTimeouts, type StoreTimeouts, storeHealth } from './storage/health-check.ts';
import { MeasuredStore } from './storage/measured-store.ts';
import type { StorageMediaType } from './storage/media.ts';
import { MediaStore } from './storage/media-store.ts';
import { staleIn } from './storage/stale.ts';
import { WatchCache } from './storage/watch-cache.ts';

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

/** A running API server. */
export interface ApiServer {
  /** `https://HOST:PORT`; '' without a listener. */
  readonly url: string;
  readonly port: number;
  /** A client of the same process, acting as `user`. */
  loopback(user: UserInfo, userAgent?: string): Transport;
  /** Revision of the newest state. */
  readonly revision: number;
  /** Resolves when reads give at least that revision. */
  waitForRevision(revision: number): Promise<void>;
  /** Stops taking requests, lets running ones finish, ends watches. The store stays open. */
  close(): Promise<void>;
}

/** Half an hour of requests at most outlive a shutdown by this. */
const defaultShutdownGraceMs = 10_000;

/** Starts an API server; resolves when it is ready to serve. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, logger, storageMediaType } = options;
  const metrics = new Metrics();
  const encryption = options.encryption && (await EncryptionSource.open(options.encryption, clock, logger));
  const encrypted = encryption && encryptedStore(options, encryption, metrics);
  const engine = encrypted ?? options.store;
  const media = storageMediaType && new MediaStore(engine, storageMediaType, logger);
  const isStale = staleIn(encrypted, media);
  const store = new MeasuredStore(
    media ?? engine,
    clock,
    metrics.registry,
    resourceOfKeys(() => resources),
  );
  const random = options.random ?? Math.random;
  const auditMetrics = new AuditMetrics(metrics.registry);
  const auditor = options.audit && buildAuditor(options.audit, auditMetrics, clock, logger, random);
  const watchCache = new WatchCache(store, clock, logger);
  const resources = ResourceRegistry.builtIn(watchCache, (fact) =>
    isServed(fact, options.enabledVersions ?? []),
  );
  addProcessMetrics(metrics.registry, clock);
  const { featureGates = new Map(), disabledMetrics: disabled = [] } = options;
  addMetricsAboutMetrics(metrics.registry, { featureGates, disabled });
  addStorageMetrics(metrics.registry, resources, watchCache);
  const serving = { ...defaultServing, ...options.serving };
  const health = new Health(metrics.slis, serving.livezGraceMs, clock);
  health.add({ name: 'log', check: () => undefined });
  const followed = await followStore(watchCache, clock, logger);
  const { healthMs, readyMs } = options.storeTimeouts ?? defaultStoreTimeouts;
  health.add({ name: 'etcd', check: storeHealth(store, followed, clock, healthMs) });
  health.addReadiness({ name: 'etcd-readiness', check: storeHealth(store, followed, clock, readyMs) });
  for (const name of encryption?.checkNames() ?? []) {
    health.add({ name, check: () => encryption?.check(name) });
  }
  if (encryption !== undefined) metrics.addGauge(() => encryption.metrics());
  health.addReadiness({ name: 'informer-sync', check: () => undefined });
  const started = addStartSteps(health);
  const streams = new OpenStreams();
  const state: { access?: Access; url: string } = { url: '' };
  const built = (): Access => {
    if (state.access === undefined) throw new Error('starting the API server: access is not built yet');
    return state.access;
  };
  const specials = new Specials();
  const context: RegistryContext = {
    specials,
    store,
    ...(isStale === undefined ? {} : { isStale }),
    watchCache,
    resources,
    clock,
    logger,
    admission: new MeasuredAdmission(() => built().admission, clock, metrics.registry),
    uid: options.uid ?? randomUUID,
    random,
    authorize: (attributes) => built().authorize(attributes),
    ...(options.eventTtlSeconds === undefined ? {} : { eventTtlSeconds: options.eventTtlSeconds }),
  };
  const reader = new CacheReader(resources);
  const loopback = (user: UserInfo, userAgent = 'kube-apiserver'): Transport =>
    new LoopbackTransport(
      {
        context,
        access: built(),
        auditor,
        streams,
        remote: (apiVersion) => aggregator.remote(apiVersion),
        raw: (path, user) => loopbackRaw(documents, aggregator, built(), path, user),
      },
      user,
      userAgent,
    );
  const clientCa = options.listen?.clientCA ?? '';
  const access = buildAccess(
    {
      clientCa,
      ...options.access,
      logger,
      serverUrl: advertisedUrl(options),
      transport: () => loopback(loopbackUser),
      metrics: metrics.registry,
    },
    reader,
    clock,
  );
  state.access = access;
  const aggregator = new Aggregator({
    settings: options.aggregator ?? defaultAggregatorSettings,
    resources,
    reader,
    client: new Client(loopback(loopbackUser)),
    clock,
    logger,
    random,
    metrics: metrics.registry,
  });
  const documents = new Discovery(resources, aggregator);
  const allocators = new ServiceAllocators(
    options.serviceClusterIPRange,
    options.serviceNodePortRange,
    random,
  );
  addBuiltInSpecials(specials, access, allocators);
  if (options.allowPrivileged === false) forbidPrivileges(specials);
  await allocators.load(context);
  addAllocatorMetrics(metrics.registry, allocators);
  const definitions = new Definitions(context, reader);
  definitions.start();
  started.definitions();
  const { external } = options.access;
  const requestHeader = external?.requestHeader ?? options.aggregator?.trust;
  await createBootstrapObjects(context, reader, clientCa, requestHeader);
  started.objects();
  aggregator.start();
  const limits = buildLimits(serving, context, reader, new Client(loopback(loopbackUser)), metrics.registry);
  started.flowControl();
  const nonResource = nonResourceHandler({
    resources,
    discovery: documents,
    aggregator,
    health,
    metrics,
    debug: debugPaths({
      clock,
      profiling: serving.profiling,
      control: limits.control,
      setVerbosity: serving.setVerbosity,
    }),
    clock,
    flags: serving.flags,
    issuerDiscovery: access.issuerDiscovery,
    address: () => state.url.replace('https://', ''),
  });
  const handler = new RequestHandler({
    context,
    access,
    metrics,
    nonResource,
    connector: new Connector(context, options.kubelet ?? {}),
    aggregator,
    streams,
    flows: limits.flows,
    minWatchMs: serving.minRequestTimeoutMs,
    ...(auditor === undefined ? {} : { audits: new RequestAudits(auditor) }),
  });
  if (external !== undefined) metrics.addGauge(() => external.metrics());
  const trusted = { clientCa, requestHeader };
  const trust = publishTrust({
    data: () => authenticationConfigMap(trusted.clientCa, trusted.requestHeader),
    reader,
    transport: loopback(loopbackUser),
    clock,
    logger,
  });
  const listener =
    options.listen === undefined
      ? undefined
      : await listen(
          { ...options.listen, clientCA: withProxyCa(clientCa, external?.requestHeader?.clientCa) },
          handler,
          streams,
          serving,
          random,
          () => metrics.tlsFailed(),
        );
  const files = options.listen?.files;
  const renew = (found: TlsMaterial): void => {
    access.renewTrust(found.clientCA, found.proxyCa ?? '');
    listener?.renew({ ...found, clientCA: withProxyCa(found.clientCA, found.proxyCa) });
    trusted.clientCa = found.clientCA;
    if (external?.requestHeader !== undefined && found.proxyCa !== undefined) {
      trusted.requestHeader = { ...external.requestHeader, clientCa: found.proxyCa };
    }
    trust.publish();
  };
  const stopRenewal = files === undefined ? () => {} : followCertificates(files, renew, clock, logger);
  if (listener !== undefined && options.listen !== undefined) {
    const host = options.advertiseAddress ?? localHost(options.listen.host);
    state.url = `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  }
  const kubernetesService = await reconcileKubernetesService(context, allocators, {
    ip: options.advertiseAddress ?? localHost(options.listen?.host ?? ''),
    port: listener?.port ?? 443,
  });
  const stopRepair = startAllocationRepair(context, allocators);
  started.services();
  const { hostname } = options;
  const stopIdentity =
    hostname === undefined || featureGates.get('APIServerIdentity') === false
      ? () => {}
      : keepIdentityLease({
          client: new Client(loopback(loopbackUser)),
          hostname,
          clock,
          logger,
          random,
          uid: context.uid,
        });
  started.identity();
  let stopping = false;
  health.addReadiness({ name: 'shutdown', check: () => (stopping ? 'process is shutting down' : undefined) });
  const stopCompaction =
    options.compactionIntervalMs > 0
      ? startCompaction(store, clock, logger, options.compactionIntervalMs)
      : () => {};
  const close = async (): Promise<void> => {
    stopping = true;
    if (serving.shutdownDelayMs > 0) await clock.sleep(serving.shutdownDelayMs);
    stopCompaction();
    stopRepair();
    stopIdentity();
    stopRenewal();
    trust.close();
    definitions.close();
    aggregator.close();
    const graceMs = options.shutdownGraceMs ?? defaultShutdownGraceMs;
    if (serving.watchTerminationGraceMs > 0) {
      await streams.drain(serving.watchTerminationGraceMs, (ms) => clock.sleep(ms));
    }
    await shutDown(listener, streams, clock, graceMs, serving.shutdownSendRetryAfter);
    aggregator.disconnect();
    await limits.close();
    await kubernetesService.close();
    access.close();
    followed.close();
    await auditor?.close();
    encryption?.close();
  };
  let closing: Promise<void> | undefined;
  return {
    url: state.url,
    port: listener?.port ?? 0,
    loopback,
    get revision() {
      return watchCache.revision;
    },
    waitForRevision: (revision) => watchCache.waitUntilFresh(revision),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function encryptedStore(
  { store, clock, logger }: ApiServerOptions,
  source: EncryptionSource,
  { registry }: Metrics,
): EncryptedStore {
  const counted = new EncryptionMetrics(registry);
  return new EncryptedStore(store, () => source.current, source.keyPrefix, clock, logger, counted);
}

async function shutDown(
  listener: Listener | undefined,
  streams: OpenStreams,
  clock: Clock,
  graceMs: number,
  refuse: boolean,
): Promise<void> {
  streams.close();
  await listener?.close(graceMs, (ms) => clock.sleep(ms), refuse);
}

/** TLS accepts the certificates of front proxies too; which of the two it was is found out later. */
function withProxyCa(clientCa: string, proxyCa: string | undefined): string {
  return proxyCa === undefined ? clientCa : `${clientCa}\n${proxyCa}`;
}

function isServed(
  fact: { readonly group: string; readonly version: string },
  enabled: readonly string[],
): boolean {
  // Upstream serves no alpha or beta version unless told to.
  return !/alpha|beta/.test(fact.version) || enabled.includes(`${fact.group}/${fact.version}`);
}

function localHost(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host;
}

function advertisedUrl(options: ApiServerOptions): string {
  const { listen: at } = options;
  const host = options.externalHostname ?? options.advertiseAddress ?? localHost(at?.host ?? '');
  return `https://${host}:${at?.port ?? 443}`;
}
