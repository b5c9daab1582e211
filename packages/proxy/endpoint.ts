import type { discoveryv1 } from '@coxswain/api';
import { isIPv4 } from './service-port.ts';

/** One address and port behind a service port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** On this node. */
  readonly local: boolean;
  readonly ready: boolean;
  /** Answers, though it may be on its way out. */
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Zones and nodes it is meant for; empty when the slice gives no hints. */
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/** Endpoints of a service by port name. */
export type EndpointsByPort = ReadonlyMap<string, readonly Endpoint[]>;

/**
 * Merges a service's IPv4 slices. An endpoint that two slices bear, as happens while it moves from one to the
 * other, counts once; ready wins.
 */
export function endpointsOf(slices: readonly discoveryv1.EndpointSlice[], nodeName: string): EndpointsByPort {
  const ports = new Map<string, Map<string, Endpoint>>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const { name = '', port } of slice.ports ?? []) {
      if (!port) continue;
      const found = ports.get(name) ?? new Map<string, Endpoint>();
      ports.set(name, found);
      for (const endpoint of slice.endpoints ?? []) {
        // Consumers of slices use the first address only.
        const address = endpoint.addresses[0];
        if (!isIPv4(address)) continue;
        const key = `${address}:${port}`;
        const made = makeEndpoint(endpoint, address, port, nodeName);
        if (!found.get(key)?.ready) found.set(key, made);
      }
    }
  }
  return new Map([...ports].map(([name, found]) => [name, sorted([...found.values()])]));
}

function makeEndpoint(
  endpoint: discoveryv1.Endpoint,
  address: string,
  port: number,
  nodeName: string,
): Endpoint {
  const { ready = true, serving = ready, terminating = false } = endpoint.conditions ?? {};
  return {
    address,
    port,
    local: endpoint.nodeName === nodeName,
    ready,
    serving,
    terminating,
    zoneHints: (endpoint.hints?.forZones ?? []).map((zone) => zone.name),
    nodeHints: (endpoint.hints?.forNodes ?? []).map((node) => node.name),
  };
}

/** A fixed order makes equal states give equal rules. */
function sorted(endpoints: Endpoint[]): Endpoint[] {
  const key = (e: Endpoint): string => `${e.address}:${e.port}`;
  return endpoints.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
