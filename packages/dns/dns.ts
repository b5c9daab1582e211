import type { corev1, discoveryv1 } from '@coxswain/api';
import type { InformerFactory } from '@coxswain/controller';
import { type Clock, type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import { ClusterZone } from './cluster-zone.ts';
import { DnsServer } from './dns-server.ts';
import { Forwarder } from './forwarder.ts';
import { machineUpstreams, type Upstream } from './resolv-conf.ts';
import { Responder } from './responder.ts';
import { serviceRecords } from './service-records.ts';

export interface DnsOptions {
  /** The caller starts the factory after this, and may share it with other components. */
  readonly informers: InformerFactory;
  readonly address: string;
  /** 53 where pods are to find it; 0 takes a free one. */
  readonly port: number;
  /** Such as `cluster.local`. */
  readonly clusterDomain: string;
  /** Address of Service `kube-dns`: where the zone says that its name server is. */
  readonly clusterDns: string;
  /** Servers for names outside the cluster; the machine's own when absent. */
  readonly upstreams?: readonly Upstream[];
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Numbers from 0 to 1, for the order of lists. */
  readonly random?: () => number;
}

/** A running DNS server. */
export interface Dns {
  readonly port: number;
  /** Resolves when all services of the cluster are in the zone. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const services = { group: '', version: 'v1', resource: 'services' };
const endpointSlices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
const serviceNameLabel = 'kubernetes.io/service-name';

/**
 * Serves the names of the cluster's services, endpoints and pods by the Kubernetes DNS specification, and
 * everything else by asking other servers.
 */
export async function startDns(options: DnsOptions): Promise<Dns> {
  const { informers, clock = systemClock, logger = silentLogger, random = Math.random } = options;
  const zone = new ClusterZone(options.clusterDomain, options.clusterDns);
  const serviceInformer = informers.informer<corev1.Service>(services);
  const sliceInformer = informers.informer<discoveryv1.EndpointSlice>(endpointSlices);
  const slices = new Map<string, Map<string, discoveryv1.EndpointSlice>>();

  const refresh = (key: string): void => {
    const service = serviceInformer.lister.getByKey(key);
    const own = [...(slices.get(key)?.values() ?? [])];
    zone.set(key, service === undefined ? undefined : serviceRecords(service, own, zone.name));
  };
  const refreshService = (service: corev1.Service): void =>
    refresh(`${service.metadata.namespace}/${service.metadata.name}`);
  serviceInformer.addHandler({
    onAdd: refreshService,
    onUpdate: (_, service) => refreshService(service),
    onDelete: refreshService,
  });
  const setSlice = (slice: discoveryv1.EndpointSlice, present: boolean): void => {
    const name = slice.metadata.labels?.[serviceNameLabel];
    if (name === undefined) return;
    const key = `${slice.metadata.namespace}/${name}`;
    const own = slices.get(key) ?? new Map<string, discoveryv1.EndpointSlice>();
    if (present) own.set(slice.metadata.name as string, slice);
    else own.delete(slice.metadata.name as string);
    if (own.size > 0) slices.set(key, own);
    else slices.delete(key);
    refresh(key);
  };
  sliceInformer.addHandler({
    onAdd: (slice) => setSlice(slice, true),
    onUpdate: (before, slice) => {
      if (before.metadata.labels?.[serviceNameLabel] !== slice.metadata.labels?.[serviceNameLabel]) {
        setSlice(before, false);
      }
      setSlice(slice, true);
    },
    onDelete: (slice) => setSlice(slice, false),
  });

  const upstreams = options.upstreams ?? (await machineUpstreams());
  const server = new DnsServer({
    address: options.address,
    port: options.port,
    responder: new Responder(zone, random),
    // Asking the cluster for what is outside it would go round in a circle.
    forwarder: new Forwarder(
      upstreams.filter((u) => u.address !== options.clusterDns && u.address !== options.address),
      clock,
    ),
    clock,
    logger,
  });
  const port = await server.listen();
  logger.info('DNS server listens', {
    address: options.address,
    port,
    upstreams: upstreams.map((u) => u.address),
  });
  return {
    port,
    whenSynced: async (signal) => {
      await Promise.all([serviceInformer.whenSynced(signal), sliceInformer.whenSynced(signal)]);
    },
    close: () => server.close(),
  };
}
