import { isIPv6 } from 'node:net';
import type { KubeObject } from '@coxswain/machinery';
import type { Endpoint, EndpointGroup, EndpointPort } from './service-endpoints.ts';

/** v1 EndpointSubset. */
export interface Subset {
  readonly addresses?: readonly Address[];
  readonly notReadyAddresses?: readonly Address[];
  readonly ports?: readonly { name?: string; port: number; protocol?: string; appProtocol?: string }[];
}

interface Address {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: Readonly<Record<string, string>>;
}

/** --mirroring-max-endpoints-per-subset's default. */
const maxAddressesPerSubset = 1000;

/** Whether Endpoints want slices: not those that say no, nor those that are but an old way to elect a leader. */
export function shouldMirror({ metadata }: KubeObject): boolean {
  return (
    metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
    metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined
  );
}

/** The endpoints of subsets, ready and not, by family and ports. Pure. */
export function mirroredGroups(subsets: readonly Subset[]): EndpointGroup[] {
  const groups = new Map<
    string,
    { addressType: 'IPv4' | 'IPv6'; ports: EndpointPort[]; endpoints: Endpoint[] }
  >();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const endpointPorts = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    const all = [
      ...addresses.map((address) => ({ address, ready: true })),
      ...notReadyAddresses.map((address) => ({ address, ready: false })),
    ].slice(0, maxAddressesPerSubset);
    for (const { address, ready } of all) {
      const addressType = isIPv6(address.ip) ? 'IPv6' : 'IPv4';
      const key = JSON.stringify([addressType, endpointPorts]);
      const group = groups.get(key) ?? { addressType, ports: endpointPorts, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(address, ready));
    }
  }
  return [...groups.values()];
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}
