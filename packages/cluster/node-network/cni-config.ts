/** What a node's pod network is made from. */
export interface CniConfig {
  /** Name of the network; what CNI files on disk are named after. */
  readonly name: string;
  /** The node's block of pod addresses. */
  readonly podCidr: string;
  readonly mtu: number;
  /** Where host-local remembers the addresses it gave. */
  readonly dataDir: string;
}

/**
 * The CNI configuration list of a node: a bridge that is the pods' gateway, addresses from the node's block. No
 * masquerade here: whether traffic leaves the cluster is for the node's own rules to know.
 * Host ports are rewritten by the portmap plugin.
 */
export function cniConfig(config: CniConfig): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    mtu: config.mtu,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: config.podCidr }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: config.dataDir,
    },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true };
  const list = { cniVersion: '1.0.0', name: config.name, plugins: [bridge, portmap] };
  return `${JSON.stringify(list, null, 2)}\n`;
}
