import { Client, type Transport } from '@coxswain/client';
import type { Access } from './access/access.ts';
import type { UserInfo } from './access/contract.ts';
import { loopbackUser } from './access/loopback-user.ts';
import { advertisedAddress, servedUrl } from './advertised-address.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import { assemble } from './assemble.ts';
import { keepIdentityLease } from './bootstrap/identity-lease.ts';
import { Definitions } from './extensions/definitions.ts';
import { ConversionMetrics } from './extensions/webhook/conversion-metrics.ts';
import { buildLimits } from './flow-control/build-limits.ts';
import { buildHandler } from './http/build-handler.ts';
import { type Listener, listen } from './http/listener/server.ts';
import { addStartSteps } from './http/non-resource/start-steps.ts';
import { createBootstrapObjects } from './registry/bootstrap.ts';
import { addBuiltInSpecials } from './registry/build-specials.ts';
import { forbidPrivileges } from './registry/pods/privileges.ts';
import { startAllocationRepair } from './registry/services/allocation-repair.ts';
import { addAllocatorMetrics } from './registry/services/allocator-metrics.ts';
import { reconcileKubernetesService } from './registry/services/kubernetes-service.ts';
import { ServiceAllocators } from './registry/services/service-allocators.ts';
import type { ServerCore } from './server-core.ts';
import { acceptedAuthorities, ServingTrust, trustedBy } from './serving-trust.ts';
import { Shutdown } from './shutdown.ts';
import { startCompaction } from './storage/compaction.ts';

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

/** Starts an API server; resolves when it is ready to serve. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const assembly = await assemble(options);
  const { core, access, aggregator, streams, loopback } = assembly;
  const { context, reader, metrics, health, serving } = core;
  const { clock, logger, listen: at } = options;
  const { external } = options.access;
  const client = new Client(loopback(loopbackUser));
  const started = addStartSteps(health);

  const allocators = await loadAllocators(options, core, access);
  const definitions = new Definitions(context, reader, new ConversionMetrics(metrics.registry));
  definitions.start();
  started.definitions();
  const trusted = trustedBy(options);
  await createBootstrapObjects(context, reader, trusted.clientCa, trusted.requestHeader);
  started.objects();
  aggregator.start();
  const limits = buildLimits(serving, context, reader, client, metrics.registry);
  started.flowControl();

  let url = '';
  const kubelet = options.kubelet ?? {};
  const handler = buildHandler(assembly, limits, kubelet, () => url.replace('https://', ''));
  const trust = new ServingTrust({
    trusted,
    hearsProxies: external?.requestHeader !== undefined,
    access,
    reader,
    transport: loopback(loopbackUser),
    clock,
    logger,
  });
  let listener: Listener | undefined;
  if (at !== undefined) {
    const clientCA = acceptedAuthorities(trusted.clientCa, external?.requestHeader?.clientCa);
    const onTlsError = (): void => metrics.tlsFailed();
    const traits = { serving, clock, random: context.random, onTlsError };
    listener = await listen({ ...at, clientCA }, handler, streams, traits);
    if (at.files !== undefined) trust.follow(at.files, listener);
    url = servedUrl(options, listener.port);
  }
  const address = { ip: advertisedAddress(options), port: listener?.port ?? 443 };
  const kubernetesService = await reconcileKubernetesService(context, allocators, address);
  const stopRepair = startAllocationRepair(context, allocators);
  started.services();
  const stopIdentity = startIdentity(options, core, client);
  started.identity();
  const stopCompaction = startCompacting(options, core);

  const shutdown = new Shutdown(health, clock, serving, options.shutdownGraceMs);
  shutdown.before(stopCompaction, stopRepair, stopIdentity);
  shutdown.before(() => trust.close());
  shutdown.before(() => definitions.close());
  shutdown.before(() => aggregator.close());
  shutdown.after(() => aggregator.disconnect());
  shutdown.after(() => limits.close());
  shutdown.after(() => kubernetesService.close());
  shutdown.after(() => access.close());
  shutdown.after(() => core.close());
  return {
    url,
    port: listener?.port ?? 0,
    loopback,
    get revision() {
      return context.watchCache.revision;
    },
    waitForRevision: (revision) => context.watchCache.waitUntilFresh(revision),
    close: () => shutdown.run(streams, listener),
  };
}

/** What the kinds do beyond the generic registry, and the addresses and ports that services have taken. */
async function loadAllocators(
  options: ApiServerOptions,
  { context, metrics }: ServerCore,
  access: Access,
): Promise<ServiceAllocators> {
  const { serviceClusterIPRange, serviceNodePortRange, allowPrivileged = true } = options;
  const allocators = new ServiceAllocators(serviceClusterIPRange, serviceNodePortRange, context.random);
  addBuiltInSpecials(context.specials, access, allocators);
  if (!allowPrivileged) forbidPrivileges(context.specials);
  await allocators.load(context);
  addAllocatorMetrics(metrics.registry, allocators);
  return allocators;
}

/** Tells under a lease that this server is there. @returns what stops it */
function startIdentity(
  { hostname, featureGates }: ApiServerOptions,
  { context }: ServerCore,
  client: Client,
): () => void {
  if (hostname === undefined || featureGates?.get('APIServerIdentity') === false) return () => {};
  const { clock, logger, random, uid } = context;
  return keepIdentityLease({ client, hostname, clock, logger, random, uid });
}

function startCompacting(
  { compactionIntervalMs }: ApiServerOptions,
  { context: { store, clock, logger } }: ServerCore,
): () => void {
  return compactionIntervalMs > 0 ? startCompaction(store, clock, logger, compactionIntervalMs) : () => {};
}
