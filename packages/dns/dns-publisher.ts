import type { corev1, discoveryv1 } from '@coxswain/api';
import type { Client } from '@coxswain/client';
import type { InformerFactory } from '@coxswain/controller';
import {
  type Clock,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type Logger,
  silentLogger,
  systemClock,
} from '@coxswain/machinery';

export interface DnsPublisherOptions {
  readonly client: Client;
  /** The caller starts the factory after this. */
  readonly informers: InformerFactory;
  /** Address that Service `kube-dns` gets; pods are told it by their kubelet. */
  readonly clusterDns: string;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Nodes on which a DNS server answers at the node's address bear this label; its value is the port. */
export const dnsPortLabel = 'coxswain.io/dns-port';

const namespace = 'kube-system';
const name = 'kube-dns';
const managedBy = 'dns.coxswain.io';

const nodes = { group: '', version: 'v1', resource: 'nodes' };
const services = { group: '', version: 'v1', resource: 'services' };
const endpointSlices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };

/** Milliseconds between two tries at what the API server refused. */
const retryMs = 500;

/**
 * Keeps Service `kube-dns` and its endpoints: every node whose label says that it serves DNS, each meant for the
 * pods of its own node first. Runs once in a cluster, where the control plane is.
 */
export function startDnsPublisher(options: DnsPublisherOptions): void {
  const { client, informers, signal, clock = systemClock, logger = silentLogger } = options;
  const informer = informers.informer<corev1.Node>(nodes);
  let running = false;
  let again = false;

  const sync = async (): Promise<void> => {
    await ensureService(client, options.clusterDns);
    await ensureSlices(client, informer.lister.list());
  };
  const trigger = (): void => {
    if (running || signal.aborted || !informer.synced) {
      again = true;
      return;
    }
    running = true;
    again = false;
    sync().then(
      () => finish(),
      (error: unknown) => {
        logger.warn('cannot publish kube-dns', { error: (error as Error).message });
        again = true;
        clock.after(retryMs, finish);
      },
    );
  };
  const finish = (): void => {
    running = false;
    if (again) trigger();
  };
  informer.addHandler({
    onAdd: trigger,
    onUpdate: (before, after) => {
      if (JSON.stringify(endpointOf(before)) !== JSON.stringify(endpointOf(after))) trigger();
    },
    onDelete: trigger,
  });
  informer.whenSynced(signal).then(trigger, () => {});
}

async function ensureService(client: Client, clusterIP: string): Promise<void> {
  const found = client.resource<corev1.Service>(services, namespace);
  try {
    await found.get(name);
    return;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await found
    .create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace,
        labels: {
          'k8s-app': 'kube-dns',
          'kubernetes.io/cluster-service': 'true',
          'kubernetes.io/name': 'CoreDNS',
        },
      },
      // Without a selector: the endpoints are servers on nodes, not pods.
      spec: {
        clusterIP,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    })
    .catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
}

/** One slice for each port that nodes serve at; usually there is one. */
async function ensureSlices(client: Client, all: readonly corev1.Node[]): Promise<void> {
  const slices = client.resource<discoveryv1.EndpointSlice>(endpointSlices, namespace);
  const labelSelector = `kubernetes.io/service-name=${name},endpointslice.kubernetes.io/managed-by=${managedBy}`;
  const existing = (await slices.list({ labelSelector })).items;
  const wanted = new Map<number, discoveryv1.Endpoint[]>();
  for (const node of all) {
    const endpoint = endpointOf(node);
    if (endpoint === undefined) continue;
    const port = Number(node.metadata.labels?.[dnsPortLabel]);
    wanted.set(port, [...(wanted.get(port) ?? []), endpoint]);
  }
  for (const [port, endpoints] of wanted) {
    const slice = makeSlice(port, endpoints);
    const before = existing.find((s) => s.metadata.name === slice.metadata.name);
    if (before === undefined) await slices.create(slice);
    else if (JSON.stringify(before.endpoints) !== JSON.stringify(endpoints)) {
      const { resourceVersion } = before.metadata;
      const metadata = { ...slice.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      await slices.update({ ...slice, metadata });
    }
  }
  for (const slice of existing) {
    if (wanted.has(slice.ports?.[0]?.port ?? 0)) continue;
    await slices.delete(slice.metadata.name as string).catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
  }
}

function makeSlice(port: number, endpoints: discoveryv1.Endpoint[]): discoveryv1.EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${port}`,
      namespace,
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': managedBy,
        'k8s-app': 'kube-dns',
      },
    },
    addressType: 'IPv4',
    ports: [
      { name: 'dns', port, protocol: 'UDP' },
      { name: 'dns-tcp', port, protocol: 'TCP' },
    ],
    endpoints,
  };
}

/** A node's server as an endpoint; undefined when it serves none. Ready while the node is. */
function endpointOf(node: corev1.Node): discoveryv1.Endpoint | undefined {
  const nodeName = node.metadata.name as string;
  const address = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address;
  if (node.metadata.labels?.[dnsPortLabel] === undefined || address === undefined) return undefined;
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
  return {
    addresses: [address],
    conditions: { ready, serving: ready, terminating: false },
    hints: { forNodes: [{ name: nodeName }] },
    nodeName,
  };
}
