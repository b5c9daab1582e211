import { type KubeObject, selectorFromSet } from '@coxswain/machinery';
import { isPodReady, isPodTerminal } from '../shared/pod-state.ts';

/** discovery.k8s.io/v1 Endpoint. */
export interface Endpoint {
  readonly addresses: readonly string[];
  /** Of Endpoints written by hand only `ready` is known. */
  readonly conditions: {
    readonly ready: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
  };
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: Readonly<Record<string, string>>;
  /** Who should use this endpoint first; absent unless the service prefers what is near. */
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[];
    readonly forNodes?: readonly { readonly name: string }[];
  };
}

/** A port as endpoints have it: the service's name with the pod's number. */
export interface EndpointPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly appProtocol?: string;
}

/** Endpoints that share their ports: pods may give one named port different numbers. */
export interface EndpointGroup {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export function selectsPods(service: KubeObject): boolean {
  return service['spec'].type !== 'ExternalName' && Object.keys(service['spec'].selector ?? {}).length > 0;
}

/** Whether the service selects the pod. */
export function selects(service: KubeObject, pod: KubeObject): boolean {
  return selectsPods(service) && selectorFromSet(service['spec'].selector).matches(pod.metadata.labels);
}

/**
 * The endpoints of a service, by address family and ports. Pure.
 * @param nodeOf finds a node, for the zone of its pods
 */
export function endpointGroups(
  service: KubeObject,
  pods: readonly KubeObject[],
  nodeOf: (name: string) => KubeObject | undefined,
): EndpointGroup[] {
  const families: readonly ('IPv4' | 'IPv6')[] = service['spec'].ipFamilies ?? ['IPv4'];
  const groups = new Map<string, { group: EndpointGroup; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    if (isPodTerminal(pod) || !pod['status']?.podIP) continue;
    const ports = portsOf(service, pod);
    for (const addressType of families) {
      const address = (pod['status'].podIPs ?? [{ ip: pod['status'].podIP }])
        .map((entry: { ip: string }) => entry.ip)
        .find((ip: string) => ip.includes(':') === (addressType === 'IPv6'));
      if (address === undefined) continue;
      const key = `${addressType} ${JSON.stringify(ports)}`;
      let held = groups.get(key);
      if (!held) {
        const endpoints: Endpoint[] = [];
        held = { group: { addressType, ports, endpoints }, endpoints };
        groups.set(key, held);
      }
      held.endpoints.push(endpointOf(service, pod, address, nodeOf));
    }
  }
  return [...groups.values()].map((held) => held.group);
}

function endpointOf(
  service: KubeObject,
  pod: KubeObject,
  address: string,
  nodeOf: (name: string) => KubeObject | undefined,
): Endpoint {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata as Record<string, string>;
  const { nodeName, hostname, subdomain } = pod['spec'];
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = service['spec'].publishNotReadyAddresses === true || (serving && !terminating);
  const zone = nodeName && nodeOf(nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'];
  const hints = ready ? hintsOf(service['spec'].trafficDistribution, zone, nodeName) : undefined;
  const named = hostname && subdomain === service.metadata.name && namespace === service.metadata.namespace;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(named ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    targetRef: { kind: 'Pod', namespace: namespace as string, name: name as string, uid: uid as string },
    ...(hints ? { hints } : {}),
  };
}

/** Hints of a ready endpoint. Source: trafficdist.ReconcileHints. */
function hintsOf(
  distribution: string | undefined,
  zone: string | undefined,
  node: string | undefined,
): Endpoint['hints'] {
  if (!distribution) return undefined;
  const hints = {
    ...(zone ? { forZones: [{ name: zone }] } : {}),
    ...(node && distribution === 'PreferSameNode' ? { forNodes: [{ name: node }] } : {}),
  };
  return Object.keys(hints).length > 0 ? hints : undefined;
}

function portsOf(service: KubeObject, pod: KubeObject): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service['spec'].ports ?? []) {
    const number = targetPort(port, pod);
    if (number === undefined) continue;
    ports.push({
      name: port.name ?? '',
      protocol: port.protocol ?? 'TCP',
      port: number,
      ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
    });
  }
  return ports;
}

/** The number of the pod's port that the service port points at; undefined when the pod has none of that name. */
function targetPort(port: Readonly<Record<string, any>>, pod: KubeObject): number | undefined {
  const target: string | number | undefined = port['targetPort'];
  if (typeof target === 'number') return target === 0 ? port['port'] : target;
  if (target === undefined || target === '') return port['port'];
  const { containers, initContainers = [] } = pod['spec'];
  const sidecars = initContainers.filter((c: Record<string, any>) => c['restartPolicy'] === 'Always');
  for (const container of [...containers, ...sidecars]) {
    for (const candidate of container.ports ?? []) {
      if (candidate.name === target && (candidate.protocol ?? 'TCP') === (port['protocol'] ?? 'TCP')) {
        return candidate.containerPort;
      }
    }
  }
  return undefined;
}
