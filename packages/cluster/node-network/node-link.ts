import { formatCidr, parseIPv4 } from '../cidr.ts';
import { ClusterError } from '../cluster-error.ts';
import { type RunOptions, run } from '../run.ts';

/** How a node is tied to its network. */
export interface NodeLink {
  /** The block of addresses that are reached without a router. */
  readonly network: string;
  /** Bytes. */
  readonly mtu: number;
}

/**
 * Finds the interface that bears the node's address.
 *
 * @throws ClusterError INVALID_OPTION when none does
 */
export async function linkOf(nodeIp: string, where: RunOptions = {}): Promise<NodeLink> {
  const links = JSON.parse(await run(['ip', '-json', '-4', 'address', 'show'], where)) as {
    mtu: number;
    addr_info: { local: string; prefixlen: number }[];
  }[];
  for (const { mtu, addr_info: addresses } of links) {
    const found = addresses.find((address) => address.local === nodeIp);
    const value = parseIPv4(nodeIp);
    if (found === undefined || value === undefined) continue;
    const size = 2 ** (32 - found.prefixlen);
    return { network: formatCidr({ base: Math.floor(value / size) * size, bits: found.prefixlen }), mtu };
  }
  throw new ClusterError('INVALID_OPTION', `no interface of this machine has the node's address "${nodeIp}"`);
}
