import type { corev1, discoveryv1 } from '@coxswain/api';
import { categorizeEndpoints, type NodeTopology } from './categorize-endpoints.ts';
import { type UdpFlow, udpFlow } from './conntrack.ts';
import { endpointsOf } from './endpoint.ts';
import { emptyFragment, type Fragment } from './nft/fragment.ts';
import { mergeFragments } from './nft/merge-fragments.ts';
import { type RenderOptions, renderServicePort } from './nft/render-service.ts';
import { servicePortKey, servicePorts } from './service-port.ts';

/** What one service comes to on this node. */
export interface ServiceState {
  readonly fragment: Fragment;
  /** By port, the UDP flows that the service has. */
  readonly udp: ReadonlyMap<string, UdpFlow>;
  /** The health check that a load balancer asks for; absent when there is none. */
  readonly healthCheck?: { readonly port: number; readonly localEndpoints: number };
}

export const noService: ServiceState = { fragment: emptyFragment, udp: new Map() };

/** The rules and flows of a service and its slices, as seen from a node. Pure. */
export function serviceState(
  service: corev1.Service | undefined,
  slices: readonly discoveryv1.EndpointSlice[],
  topology: NodeTopology,
  options: RenderOptions,
): ServiceState {
  if (service === undefined) return noService;
  const endpoints = endpointsOf(slices, topology.nodeName);
  const fragments: Fragment[] = [];
  const udp = new Map<string, UdpFlow>();
  const local = new Set<string>();
  let healthPort = 0;
  for (const port of servicePorts(service)) {
    const choice = categorizeEndpoints(endpoints.get(port.portName) ?? [], port, topology);
    fragments.push(renderServicePort(port, choice, options));
    const reached = [...choice.cluster, ...choice.local].map((e) => `${e.address}:${e.port}`);
    const flow = udpFlow(port, new Set(reached));
    if (flow !== undefined) udp.set(servicePortKey(port), flow);
    healthPort = port.healthCheckNodePort;
    for (const endpoint of choice.local) local.add(endpoint.address);
  }
  return {
    fragment: mergeFragments(fragments),
    udp,
    ...(healthPort > 0 ? { healthCheck: { port: healthPort, localEndpoints: local.size } } : {}),
  };
}
