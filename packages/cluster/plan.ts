import { addressAt, type Cidr, cidrSize, cidrsOverlap, formatCidr, parseCidr } from './cidr.ts';
import { ClusterError } from './cluster-error.ts';

/** What a person may choose about a local cluster. */
export interface ClusterOptions {
  /** Absolute path under which everything of this cluster lies: state, logs, data, containers. */
  readonly dir: string;
  /** Prefix of what the kernel names: bridge, namespaces, tables, cgroups. At most 8 characters. */
  readonly name?: string;
  /** How many real nodes. */
  readonly nodes?: number;
  /** How many simulated nodes besides. */
  readonly simulate?: number;
  /** The network the nodes and the server share; chosen from free ones when absent. */
  readonly nodeCidr?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly clusterDomain?: string;
  /** Port of the API server on the bridge's address. */
  readonly serverPort?: number;
}

/** One node of the plan. */
export interface NodePlan {
  /** Kubernetes name of the node. */
  readonly name: string;
  /** `real`: a network namespace with its own containerd. `simulated`: the same kubelet over a simulated runtime. */
  readonly kind: 'real' | 'simulated';
  /** Address that the node is reached at. */
  readonly address: string;
  readonly dir: string;
  /** Path of the network namespace; absent for simulated nodes. */
  readonly netns?: string;
  /** Host end of the node's cable; absent for simulated nodes. */
  readonly hostInterface?: string;
  /** containerd's socket; absent for simulated nodes. */
  readonly socket?: string;
  /** Parent of all cgroups of the node's pods, as kubelet's --cgroup-root; absent for simulated nodes. */
  readonly cgroupRoot?: string;
  /** Where the node's CNI configuration lies; absent for simulated nodes. */
  readonly cniConfDir?: string;
}

/** Everything that `up` makes and `down` removes, decided before anything is made. */
export interface ClusterPlan {
  readonly version: 1;
  readonly name: string;
  readonly dir: string;
  readonly bridge: string;
  /** Address of the bridge: where nodes reach the server and the outside. 127.0.0.1 without real nodes. */
  readonly gateway: string;
  readonly nodeCidr: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  /** The address of Service `kube-dns`: the tenth of the service range, as kubeadm has it. */
  readonly clusterDns: string;
  readonly serverPort: number;
  /** Bytes; the smallest that goes through to the outside. */
  readonly mtu: number;
  readonly nftTable: string;
  readonly cgroup: string;
  readonly nodes: readonly NodePlan[];
}

/** What the plan needs to know of the machine. */
export interface MachineFacts {
  /** Destinations that the machine has routes to, but for those over this cluster's own bridge. */
  readonly routes: readonly string[];
  /** MTU of the interface of the default route. */
  readonly mtu: number;
}

// Away from the ranges that Docker (172.17-31, 192.168), Podman (10.88), kubeadm and home routers take.
const nodeCidrCandidates = [213, 214, 215, 216, 217, 218].map((n) => `10.${n}.0.0/24`);

/** Node numbers start here in the node network, so that node-1 is .11. */
const firstNodeIndex = 10;

/** An interface name is at most 15 bytes: `name` and `-n99` and the trailing zero. */
const namePattern = /^[a-z][a-z0-9]{0,7}$/;

/** A unix socket's path is at most 107 bytes. */
const longestSocketPath = 107;

/**
 * Decides names, addresses and paths of a cluster. Pure: the same input gives the same plan.
 *
 * @throws ClusterError INVALID_OPTION, or ADDRESS_IN_USE when a range meets one the machine already uses
 */
export function planCluster(options: ClusterOptions, machine: MachineFacts): ClusterPlan {
  const name = options.name ?? 'cox';
  const { nodes: real = 0, simulate = 0, dir } = options;
  if (!namePattern.test(name)) {
    throw new ClusterError(
      'INVALID_OPTION',
      `the cluster name "${name}" must be 1 to 8 lower-case letters or digits and start with a letter`,
    );
  }
  if (!dir.startsWith('/'))
    throw new ClusterError('INVALID_OPTION', `the directory "${dir}" is not absolute`);
  for (const count of [real, simulate]) {
    if (!Number.isInteger(count) || count < 0) {
      throw new ClusterError('INVALID_OPTION', `the number of nodes must be a whole number, not "${count}"`);
    }
  }

  const podCidr = options.podCidr ?? '10.244.0.0/16';
  const serviceCidr = options.serviceCidr ?? '10.96.0.0/16';
  const nodeCidr = chooseNodeCidr(options.nodeCidr, [podCidr, serviceCidr], machine.routes);
  const block = parseCidr(nodeCidr);
  if (real > cidrSize(block) - firstNodeIndex - 2) {
    throw new ClusterError('INVALID_OPTION', `the node network ${nodeCidr} has no room for ${real} nodes`);
  }
  if (real > 0) refuseUsed(podCidr, 'pod', machine.routes);
  if (real > 0) refuseUsed(serviceCidr, 'service', machine.routes);

  const nodes = Array.from({ length: real }, (_, i) => realNode(name, dir, block, i + 1));
  for (let i = 1; i <= simulate; i++) nodes.push(simulatedNode(dir, i));

  return {
    version: 1,
    name,
    dir,
    bridge: `${name}0`,
    gateway: real > 0 ? addressAt(block, 1) : '127.0.0.1',
    nodeCidr,
    podCidr,
    serviceCidr,
    clusterDomain: options.clusterDomain ?? 'cluster.local',
    clusterDns: addressAt(parseCidr(serviceCidr), 10),
    serverPort: options.serverPort ?? 6443,
    mtu: Math.min(machine.mtu, 1500),
    // Never the bare name: it may be a word of the nft language.
    nftTable: longName(name),
    cgroup: longName(name),
    nodes,
  };
}

function longName(name: string): string {
  return name === 'cox' ? 'coxswain' : `coxswain-${name}`;
}

function realNode(name: string, dir: string, block: Cidr, number: number): NodePlan {
  const node = `node-${number}`;
  const nodeDir = `${dir}/nodes/${node}`;
  const socket = `${nodeDir}/containerd.sock`;
  // containerd listens on `<socket>.ttrpc` as well.
  if (Buffer.byteLength(`${socket}.ttrpc`) > longestSocketPath) {
    throw new ClusterError('INVALID_OPTION', `the directory "${dir}" is too long for a unix socket in it`);
  }
  return {
    name: node,
    kind: 'real',
    address: addressAt(block, firstNodeIndex + number),
    dir: nodeDir,
    netns: `/run/netns/${name}-${node}`,
    hostInterface: `${name}-n${number}`,
    socket,
    cgroupRoot: `/${longName(name)}/${node}`,
    cniConfDir: `${nodeDir}/cni`,
  };
}

function simulatedNode(dir: string, number: number): NodePlan {
  const node = `sim-${number}`;
  return { name: node, kind: 'simulated', address: '127.0.0.1', dir: `${dir}/nodes/${node}` };
}

function chooseNodeCidr(
  wanted: string | undefined,
  others: readonly string[],
  routes: readonly string[],
): string {
  if (wanted !== undefined) {
    refuseUsed(wanted, 'node', [...others, ...routes]);
    return formatCidr(parseCidr(wanted));
  }
  const taken = [...others, ...routes].map(parseCidr);
  const free = nodeCidrCandidates.find((c) => !taken.some((used) => cidrsOverlap(used, parseCidr(c))));
  if (free === undefined) {
    throw new ClusterError(
      'ADDRESS_IN_USE',
      'none of the usual networks is free for the nodes: choose one with --node-cidr',
    );
  }
  return free;
}

function refuseUsed(cidr: string, what: string, routes: readonly string[]): void {
  const used = routes.find((route) => cidrsOverlap(parseCidr(route), parseCidr(cidr)));
  if (used !== undefined) {
    throw new ClusterError(
      'ADDRESS_IN_USE',
      `the ${what} network ${cidr} meets ${used}, which this machine already uses: choose another with --${what}-cidr`,
    );
  }
}
