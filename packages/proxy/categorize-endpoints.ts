import type { Endpoint } from './endpoint.ts';
import type { ServicePort } from './service-port.ts';

/** Where the node is, for hints. */
export interface NodeTopology {
  readonly nodeName: string;
  /** Label topology.kubernetes.io/zone of the node; absent when it has none. */
  readonly zone?: string;
}

/** The endpoints of a service port by who may use them. */
export interface EndpointChoice {
  /** For traffic under traffic policy Cluster. */
  readonly cluster: readonly Endpoint[];
  /** For traffic under traffic policy Local. */
  readonly local: readonly Endpoint[];
  /** Whether the service has usable endpoints anywhere: Local traffic is dropped then, and rejected if not. */
  readonly any: boolean;
}

/** Decides as upstream's CategorizeEndpoints does, for both traffic policies (KEP-1669, KEP-2086, KEP-3015). */
export function categorizeEndpoints(
  endpoints: readonly Endpoint[],
  service: ServicePort,
  topology: NodeTopology,
): EndpointChoice {
  const usable = (list: readonly Endpoint[]): readonly Endpoint[] => {
    const ready = list.filter((e) => e.ready);
    return ready.length > 0 ? ready : list.filter((e) => e.serving && e.terminating);
  };
  const external =
    service.nodePort > 0 || service.externalIPs.length > 0 || service.loadBalancerIPs.length > 0;
  const usesCluster = !service.internalLocal || (external && !service.externalLocal);
  const usesLocal = service.internalLocal || (external && service.externalLocal);

  const ready = endpoints.filter((e) => e.ready);
  const hinted = ready.length > 0 ? ready.filter(hintFilter(ready, topology)) : usable(endpoints);
  const local = usesLocal ? usable(endpoints.filter((e) => e.local)) : [];
  return {
    cluster: usesCluster || service.externalLocal ? hinted : [],
    local,
    any: usable(endpoints).length > 0,
  };
}

/** Hints count only when every ready endpoint has one and one of them is meant for this node or zone. */
function hintFilter(ready: readonly Endpoint[], topology: NodeTopology): (e: Endpoint) => boolean {
  const forNode = (e: Endpoint): boolean => e.nodeHints.includes(topology.nodeName);
  if (ready.every((e) => e.nodeHints.length > 0) && ready.some(forNode)) return forNode;
  const { zone } = topology;
  if (zone === undefined) return () => true;
  const forZone = (e: Endpoint): boolean => e.zoneHints.includes(zone);
  if (ready.every((e) => e.zoneHints.length > 0) && ready.some(forZone)) return forZone;
  return () => true;
}
