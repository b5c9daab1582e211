import { formatTime, isAlreadyExists, type KubeObject } from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import type { RegistryContext } from '../context.ts';
import { managedByServer, type ServerManagers } from '../managed-fields/server-managed.ts';
import type { ServedResource } from '../resource-registry.ts';
import { guaranteedUpdate, writeNew } from '../write.ts';
import { ServerLeases } from './server-leases.ts';
import type { ServiceAllocators } from './service-allocators.ts';

const namespace = 'default';
const name = 'kubernetes';

/** Where the server is reached. */
export interface ServerAddress {
  readonly ip: string;
  readonly port: number;
}

/** As upstream's: a third of the time after which a server counts as gone is left for trouble. */
const renewMs = 10_000;

/** What keeps the endpoints of `default/kubernetes` those of the servers that are alive. */
export interface KubernetesService {
  /** Takes this server's address out where others go on. */
  close(): Promise<void>;
}

/** Keeps the service `default/kubernetes`, its endpoints and the default ServiceCIDR in being. */
export async function reconcileKubernetesService(
  context: RegistryContext,
  allocators: ServiceAllocators,
  address: ServerAddress,
): Promise<KubernetesService> {
  await Promise.all([createService(context, allocators), createServiceCIDR(context, allocators)]);
  if (context.store.readRevision === undefined) {
    await putAllEndpoints(context, [address.ip], address.port);
    return { close: async () => {} };
  }
  return shareEndpoints(context, address);
}

/** Other servers come and go: those that are alive are the endpoints. */
async function shareEndpoints(
  context: RegistryContext,
  { ip, port }: ServerAddress,
): Promise<KubernetesService> {
  const leases = new ServerLeases(context.store, ip);
  const stop = new AbortController();
  const reconcile = async (): Promise<void> => {
    await leases.renew();
    await putAllEndpoints(context, await leases.alive(), port);
  };
  await reconcile();
  const keep = async (): Promise<void> => {
    for (;;) {
      await context.clock.sleep(renewMs, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) return;
      await reconcile().catch((error: unknown) =>
        context.logger.error('cannot renew this server among the endpoints', { error: String(error) }),
      );
    }
  };
  const kept = keep();
  return {
    close: async () => {
      stop.abort();
      await kept;
      try {
        await leases.remove();
        const others = await leases.alive();
        if (others.length > 0) await putAllEndpoints(context, others, port);
      } catch (error) {
        context.logger.error('cannot take this server out of the endpoints', { error: String(error) });
      }
    },
  };
}

async function putAllEndpoints(
  context: RegistryContext,
  ips: readonly string[],
  port: number,
): Promise<void> {
  await Promise.all([
    putEndpoints(context, 'v1', 'endpoints', {
      subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ name: 'https', port, protocol: 'TCP' }] }],
    }),
    putEndpoints(context, 'discovery.k8s.io/v1', 'endpointslices', {
      addressType: 'IPv4',
      endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
      ports: [{ name: 'https', protocol: 'TCP', port }],
    }),
  ]);
}

async function createService(context: RegistryContext, allocators: ServiceAllocators): Promise<void> {
  const services = context.resources.find('v1', 'services');
  if (services === undefined) return;
  const key = objectKey(services.cache.prefix, namespace, name);
  if (services.cache.index.get(key) !== undefined) return;
  const [range] = allocators.ranges;
  const clusterIP = range!.at(1);
  const service: KubeObject = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace,
      uid: context.uid(),
      creationTimestamp: formatTime(context.clock.now()),
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 443 }],
      clusterIP,
      clusterIPs: [clusterIP],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: [range!.family],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  };
  allocators.addresses.take(clusterIP);
  await allocators.claim(context, clusterIP, service);
  await writeUnlessThere(context, services, key, service, {
    filledIn: ['spec.clusterIPs', 'spec.ipFamilies'],
  });
}

async function createServiceCIDR(context: RegistryContext, allocators: ServiceAllocators): Promise<void> {
  const ranges = context.resources.find('networking.k8s.io/v1', 'servicecidrs');
  if (ranges === undefined) return;
  const key = objectKey(ranges.cache.prefix, '', name);
  if (ranges.cache.index.get(key) !== undefined) return;
  const now = formatTime(context.clock.now());
  const object: KubeObject = {
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name, uid: context.uid(), creationTimestamp: now },
    spec: { cidrs: allocators.ranges.map(({ cidr }) => cidr) },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: now,
          reason: '',
          message: 'Kubernetes default Service CIDR is ready',
        },
      ],
    },
  };
  const status = { manager: 'kube-apiserver', operation: 'Apply' } as const;
  await writeUnlessThere(context, ranges, key, object, { status });
}

/** Another server that started at the same time may have written it. */
async function writeUnlessThere(
  context: RegistryContext,
  resource: ServedResource,
  key: string,
  object: KubeObject,
  managers: ServerManagers,
): Promise<void> {
  const now = formatTime(context.clock.now());
  try {
    await writeNew(context, resource, key, managedByServer(resource, object, now, managers), false);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

async function putEndpoints(
  context: RegistryContext,
  apiVersion: string,
  resource: string,
  content: Record<string, unknown>,
): Promise<void> {
  const served = context.resources.find(apiVersion, resource);
  if (served === undefined) return;
  const key = objectKey(served.cache.prefix, namespace, name);
  const now = formatTime(context.clock.now());
  const make = (): KubeObject =>
    managedByServer(
      served,
      {
        kind: served.fact.kind,
        apiVersion,
        metadata: {
          name,
          namespace,
          uid: context.uid(),
          creationTimestamp: now,
          labels:
            resource === 'endpoints'
              ? { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
              : { 'kubernetes.io/service-name': name },
          ...(resource === 'endpointslices' ? { generation: 1 } : {}),
        },
        ...content,
      },
      now,
    );
  await guaranteedUpdate(context, served, key, false, (current) =>
    current === undefined ? make() : { ...current.object, ...content },
  );
}
