import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { parseCidr } from './cidr.ts';
import { allowForwarding, disallowForwarding } from './forwarding.ts';
import type { ClusterPlan, NodePlan } from './plan.ts';
import { run, tryRun } from './run.ts';

/** A real node of the plan, with what only real nodes have. */
export type RealNode = NodePlan & { readonly netns: string; readonly hostInterface: string };

export function realNodes(plan: ClusterPlan): readonly RealNode[] {
  return plan.nodes.filter((node): node is RealNode => node.kind === 'real');
}

/** The machine's settings that the cluster changes; their old values go on file first. */
export const hostSysctls: Readonly<Record<string, string>> = { 'net.ipv4.ip_forward': '1' };

const sysctlPath = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`;

export async function readSysctls(names: readonly string[]): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of names) values[name] = (await readFile(sysctlPath(name), 'utf8')).trim();
  return values;
}

export async function writeSysctls(values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await writeFile(sysctlPath(name), value);
}

/**
 * Makes the switch and the cables: a bridge on the machine, and for each node a network namespace with one
 * cable to it. What is already there stays as it is, so that this also mends.
 */
export async function ensureNetwork(plan: ClusterPlan): Promise<void> {
  // Kernels with modules load it here; kernels with it built in, or without it, have nothing to load.
  await tryRun(['modprobe', '-a', 'br_netfilter', 'overlay']).catch(() => undefined);
  const { bits } = parseCidr(plan.nodeCidr);
  if (!(await linkExists(plan.bridge))) {
    await run(['ip', 'link', 'add', plan.bridge, 'mtu', String(plan.mtu), 'type', 'bridge']);
  }
  await run(['ip', 'link', 'set', plan.bridge, 'alias', plan.dir]);
  await run(['ip', 'address', 'replace', `${plan.gateway}/${bits}`, 'dev', plan.bridge]);
  await run(['ip', 'link', 'set', plan.bridge, 'up']);
  await writeSysctls(hostSysctls);
  await run(['nft', '-f', '-'], { input: hostTable(plan) });
  await allowForwarding(plan.bridge);
  await Promise.all(realNodes(plan).map((node) => ensureNode(plan, node)));
  await routeCluster(plan);
}

/** The machine itself reaches services and pods over the first node, which rewrites and passes on as for a pod. */
async function routeCluster(plan: ClusterPlan): Promise<void> {
  const [first] = realNodes(plan);
  if (first === undefined) return;
  for (const block of [plan.serviceCidr, plan.podCidr]) {
    await run(['ip', 'route', 'replace', block, 'via', first.address, 'dev', plan.bridge]);
  }
}

async function ensureNode(plan: ClusterPlan, node: RealNode): Promise<void> {
  if ((await tryRun(['true'], { netns: node.netns })).status !== 0) {
    await mkdir('/run/netns', { recursive: true });
    await writeFile(node.netns, '', { flag: 'a' });
    await run(['unshare', `--net=${node.netns}`, 'true']);
  }
  if (!(await linkExists('eth0', node.netns))) {
    // A cable of which one end is left from a namespace that is gone is laid anew.
    await tryRun(['ip', 'link', 'delete', node.hostInterface]);
    const name = node.netns.slice(node.netns.lastIndexOf('/') + 1);
    const mtu = String(plan.mtu);
    await run(
      ['ip', 'link', 'add', node.hostInterface, 'mtu', mtu, 'type', 'veth'].concat([
        'peer',
        'name',
        'eth0',
        'mtu',
        mtu,
        'netns',
        name,
      ]),
    );
  }
  await run(['ip', 'link', 'set', node.hostInterface, 'master', plan.bridge, 'up']);
  const { bits } = parseCidr(plan.nodeCidr);
  const commands = [
    'link set lo up',
    `address replace ${node.address}/${bits} dev eth0`,
    'link set eth0 up',
    `route replace default via ${plan.gateway}`,
  ];
  await run(['ip', '-batch', '-'], { netns: node.netns, input: `${commands.join('\n')}\n` });
}

function hostTable(plan: ClusterPlan): string {
  return `
table ip ${plan.nftTable}
delete table ip ${plan.nftTable}
table ip ${plan.nftTable} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr { ${plan.nodeCidr}, ${plan.podCidr} } ip daddr != { ${clusterBlocks(plan)} } oifname != "${plan.bridge}" masquerade
  }
}
`;
}

/** Destinations inside the cluster: traffic to them keeps its source. */
function clusterBlocks(plan: ClusterPlan): string {
  return [plan.nodeCidr, plan.podCidr, plan.serviceCidr].join(', ');
}

/** Removes namespaces, cables, bridge and tables; what is already gone is no fault. */
export async function removeNetwork(plan: ClusterPlan): Promise<void> {
  for (const node of realNodes(plan)) {
    await tryRun(['ip', 'link', 'delete', node.hostInterface]);
    // Mounted more than once where another program has bound /run/netns to itself since.
    while ((await tryRun(['umount', node.netns])).status === 0);
    await rm(node.netns, { force: true });
  }
  await disallowForwarding(plan.bridge);
  if (await linkExists(plan.bridge)) await run(['ip', 'link', 'delete', plan.bridge]);
  if ((await tryRun(['nft', 'list', 'table', 'ip', plan.nftTable])).status === 0) {
    await run(['nft', 'delete', 'table', 'ip', plan.nftTable]);
  }
}

/** The folder of the cluster that a bridge belongs to; undefined when there is no such bridge. */
export async function clusterOfBridge(bridge: string): Promise<string | undefined> {
  const shown = await tryRun(['ip', '-json', 'link', 'show', bridge]);
  if (shown.status !== 0) return undefined;
  const [link] = JSON.parse(shown.stdout) as { ifalias?: string }[];
  return link?.ifalias;
}

async function linkExists(name: string, netns?: string): Promise<boolean> {
  const options = netns === undefined ? {} : { netns };
  return (await tryRun(['ip', 'link', 'show', name], options)).status === 0;
}
