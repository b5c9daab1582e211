import type { Server } from 'node:http';
import type { corev1, discoveryv1 } from '@coxswain/api';
import type { InformerFactory } from '@coxswain/controller';
import { type Clock, type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import type { NodeTopology } from './categorize-endpoints.ts';
import { HealthServers } from './health-servers.ts';
import { ProxyHealth, startHealthz } from './healthz-server.ts';
import { type CommandRunner, commandRunner } from './nft/nft-runner.ts';
import { Proxier, type ProxySource } from './proxier.ts';

export interface ProxyOptions {
  /** The caller starts the factory after this, and may share it with other components. */
  readonly informers: InformerFactory;
  readonly nodeName: string;
  /** Addresses of the node that node ports answer at. */
  readonly nodeIps: readonly string[];
  /** Blocks of the pods' addresses; traffic to services from elsewhere is masqueraded. */
  readonly clusterCidrs?: readonly string[];
  /** Blocks of the services' addresses; traffic to addresses that no service has is dropped. */
  readonly serviceCidrs?: readonly string[];
  /** Where /healthz is served; not at all when absent. Upstream's port is 10256; 0 takes a free one. */
  readonly healthz?: { readonly address: string; readonly port: number };
  readonly runner?: CommandRunner;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A running service proxy. */
export interface Proxy {
  /** Where /healthz is served; absent when it is not. */
  readonly healthzPort?: number;
  /** Resolves when the first whole table is in the kernel, or what has changed since. */
  synced(): Promise<void>;
  /** Stops following the cluster; the rules stay. */
  close(): Promise<void>;
}

const serviceNameLabel = 'kubernetes.io/service-name';
const zoneLabel = 'topology.kubernetes.io/zone';

const services = { group: '', version: 'v1', resource: 'services' };
const endpointSlices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
const nodes = { group: '', version: 'v1', resource: 'nodes' };

/** Follows services and endpoint slices and keeps this network namespace's nftables as they want them. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { informers, nodeName, clock = systemClock, logger = silentLogger } = options;
  const serviceInformer = informers.informer<corev1.Service>(services);
  const sliceInformer = informers.informer<discoveryv1.EndpointSlice>(endpointSlices);
  const nodeInformer = informers.informer<corev1.Node>(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  const byService = new Map<string, Map<string, discoveryv1.EndpointSlice>>();
  let zone: string | undefined;

  const health = new ProxyHealth(clock);
  const healthServers = new HealthServers(logger, () => health.healthy);
  const source: ProxySource = {
    service: (key) => serviceInformer.lister.getByKey(key),
    slices: (key) => [...(byService.get(key)?.values() ?? [])],
    keys: () => serviceInformer.lister.list().map(keyOf),
    topology: (): NodeTopology => (zone === undefined ? { nodeName } : { nodeName, zone }),
  };
  const proxier = new Proxier({
    nodeIps: options.nodeIps,
    clusterCidrs: options.clusterCidrs ?? [],
    serviceCidrs: options.serviceCidrs ?? [],
    source,
    runner: options.runner ?? commandRunner(),
    clock,
    logger,
    health,
    healthServers,
  });

  serviceInformer.addHandler({
    onAdd: (service) => proxier.changed(keyOf(service)),
    onUpdate: (_, service) => proxier.changed(keyOf(service)),
    onDelete: (service) => proxier.changed(keyOf(service)),
  });
  const setSlice = (slice: discoveryv1.EndpointSlice, present: boolean): void => {
    const name = slice.metadata.labels?.[serviceNameLabel];
    if (name === undefined) return;
    const key = `${slice.metadata.namespace}/${name}`;
    const slices = byService.get(key) ?? new Map<string, discoveryv1.EndpointSlice>();
    byService.set(key, slices);
    if (present) slices.set(slice.metadata.name as string, slice);
    else slices.delete(slice.metadata.name as string);
    if (slices.size === 0) byService.delete(key);
    proxier.changed(key);
  };
  sliceInformer.addHandler({
    onAdd: (slice) => setSlice(slice, true),
    onUpdate: (before, slice) => {
      const moved = before.metadata.labels?.[serviceNameLabel] !== slice.metadata.labels?.[serviceNameLabel];
      if (moved) setSlice(before, false);
      setSlice(slice, true);
    },
    onDelete: (slice) => setSlice(slice, false),
  });
  const setNode = (node: corev1.Node): void => {
    const now = node.metadata.labels?.[zoneLabel];
    if (now === zone) return;
    zone = now;
    proxier.allChanged();
  };
  nodeInformer.addHandler({ onAdd: setNode, onUpdate: (_, node) => setNode(node) });

  const stop = new AbortController();
  const complete = Promise.all([
    serviceInformer.whenSynced(stop.signal),
    sliceInformer.whenSynced(stop.signal),
  ]);
  const begun = complete.then(
    () => proxier.start(),
    (error: unknown) => {
      if (!stop.signal.aborted) throw error;
    },
  );
  let healthz: Server | undefined;
  if (options.healthz) healthz = await startHealthz(options.healthz.address, options.healthz.port, health);
  const served = healthz?.address();
  return {
    ...(served !== null && typeof served === 'object' ? { healthzPort: served.port } : {}),
    synced: () => begun.then(() => proxier.synced()),
    close: async () => {
      stop.abort(new Error('the proxy is closed'));
      healthServers.close();
      healthz?.close();
      healthz?.closeAllConnections();
      await proxier.close();
    },
  };
}

function keyOf(object: {
  readonly metadata: { readonly namespace?: string; readonly name?: string };
}): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
