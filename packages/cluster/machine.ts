import { readFile } from 'node:fs/promises';
import { parseIPv4 } from './cidr.ts';
import { ClusterError } from './cluster-error.ts';
import type { MachineFacts } from './plan.ts';
import { run, tryRun } from './run.ts';

/** What `up` needs of the machine beyond Node.js, and the Debian package that brings it. */
const programs: readonly { readonly program: string; readonly package: string }[] = [
  { program: 'containerd', package: 'containerd' },
  { program: 'ctr', package: 'containerd' },
  { program: 'runc', package: 'runc' },
  { program: 'nft', package: 'nftables' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'ip', package: 'iproute2' },
  { program: 'nsenter', package: 'util-linux' },
  { program: 'unshare', package: 'util-linux' },
];

/** Where Debian's containernetworking-plugins puts the CNI plugins. */
export const cniBinDir = '/usr/lib/cni';

const cniPlugins = ['bridge', 'host-local', 'loopback', 'portmap'];

/** CAP_SYS_ADMIN and CAP_NET_ADMIN by their bit numbers in linux/capability.h. */
const neededCapabilities = [21, 12];

/** CAP_SYS_RESOURCE: without it the kernel lets nobody lower an oom_score_adj. */
const sysResource = 24;

/**
 * Refuses early, in one sentence, a machine on which real nodes cannot run.
 *
 * @throws ClusterError NOT_PRIVILEGED or MISSING_PREREQUISITE
 */
export async function checkRealNodes(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new ClusterError(
      'MISSING_PREREQUISITE',
      'real nodes need Linux: use simulated nodes with --simulate',
    );
  }
  const capabilities = await effectiveCapabilities();
  if (process.getuid?.() !== 0 || neededCapabilities.some((bit) => !hasBit(capabilities, bit))) {
    throw new ClusterError(
      'NOT_PRIVILEGED',
      'real nodes need root with CAP_SYS_ADMIN and CAP_NET_ADMIN: run as root, or use simulated nodes with --simulate',
    );
  }
  const missing = new Set<string>();
  for (const { program, package: name } of programs) {
    if ((await tryRun(['sh', '-c', 'command -v "$1"', 'sh', program])).status !== 0) missing.add(name);
  }
  for (const plugin of cniPlugins) {
    if ((await tryRun(['test', '-x', `${cniBinDir}/${plugin}`])).status !== 0) {
      missing.add('containernetworking-plugins');
    }
  }
  if (missing.size > 0) {
    const names = [...missing].join(' ');
    throw new ClusterError(
      'MISSING_PREREQUISITE',
      `missing ${names}: install with "apt-get install --no-install-recommends ${names}"`,
    );
  }
}

/** Whether the kernel lets this machine's root lower an oom_score_adj. */
export async function mayLowerOomScore(): Promise<boolean> {
  return hasBit(await effectiveCapabilities(), sysResource);
}

async function effectiveCapabilities(): Promise<bigint> {
  const status = await readFile('/proc/self/status', 'utf8');
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

function hasBit(set: bigint, bit: number): boolean {
  return ((set >> BigInt(bit)) & 1n) === 1n;
}

/** Reads the routes and the MTU that the plan needs; routes over `ownInterfaces` (a prefix) are left out. */
export async function readMachine(ownInterfaces: RegExp): Promise<MachineFacts> {
  const routes = JSON.parse(await run(['ip', '-json', '-4', 'route', 'show'])) as {
    dst: string;
    dev?: string;
    nexthops?: { dev: string }[];
  }[];
  const links = JSON.parse(await run(['ip', '-json', 'link', 'show'])) as { ifname: string; mtu: number }[];
  const device = routes.find((r) => r.dst === 'default')?.dev;
  const foreign = routes.filter((r) => {
    const devices = [r.dev ?? '', ...(r.nexthops ?? []).map((hop) => hop.dev)];
    return r.dst !== 'default' && !devices.some((d) => ownInterfaces.test(d));
  });
  return {
    routes: foreign.map((r) => (r.dst.includes('/') ? r.dst : `${r.dst}/32`)).filter(isIPv4Block),
    mtu: links.find((l) => l.ifname === device)?.mtu ?? 1500,
  };
}

function isIPv4Block(text: string): boolean {
  return parseIPv4(text.split('/')[0] as string) !== undefined;
}
