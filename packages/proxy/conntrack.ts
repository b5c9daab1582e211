import type { ServicePort } from './service-port.ts';

/** Where a UDP service port sends traffic now: addresses it answers at and endpoints behind. */
export interface UdpFlow {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly nodePort: number;
  /** `address:port` of each endpoint. */
  readonly endpoints: ReadonlySet<string>;
}

/**
 * UDP has no end that the kernel sees: a flow goes on to an endpoint that is gone, or unrewritten to an address
 * that had no endpoint, for as long as the client keeps sending. These are the flows to forget after a change.
 *
 * @returns arguments for `conntrack`, a list a call
 */
export function staleUdpFlows(before: UdpFlow | undefined, after: UdpFlow | undefined): readonly string[][] {
  if (before === undefined) return after === undefined ? [] : flowsTo(after, []);
  const calls: string[][] = [];
  for (const endpoint of before.endpoints) {
    if (after?.endpoints.has(endpoint)) continue;
    const address = endpoint.slice(0, endpoint.lastIndexOf(':'));
    calls.push(...flowsTo(before, ['--dst-nat', address]));
  }
  if (after !== undefined && before.endpoints.size === 0 && after.endpoints.size > 0) {
    calls.push(...flowsTo(after, []));
  }
  return calls;
}

function flowsTo(flow: UdpFlow, filter: readonly string[]): string[][] {
  const udp = ['-D', '-p', 'udp'];
  const calls = flow.addresses.map((address) => [
    ...[...udp, '--orig-dst', address, '--dport', String(flow.port)],
    ...filter,
  ]);
  if (flow.nodePort > 0) calls.push([...udp, '--dport', String(flow.nodePort), ...filter]);
  return calls;
}

/** The flow of a UDP service port; undefined for other protocols. */
export function udpFlow(service: ServicePort, endpoints: ReadonlySet<string>): UdpFlow | undefined {
  if (service.protocol !== 'udp') return undefined;
  return {
    addresses: [service.clusterIP, ...service.externalIPs, ...service.loadBalancerIPs],
    port: service.port,
    nodePort: service.nodePort,
    endpoints,
  };
}
