import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { corev1 } from '@coxswain/api';
import type { InformerFactory } from '@coxswain/controller';
import { type Clock, type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import { type RunOptions, run, tryRun } from '../run.ts';
import { writeFileAtomic } from '../write-file.ts';
import { cniConfig } from './cni-config.ts';
import { linkOf, type NodeLink } from './node-link.ts';
import { diffRoutes, type PodRoute, podRoutes } from './pod-routes.ts';

export interface NodeNetworkOptions {
  /** The caller starts the factory after this, and may share it with other components. */
  readonly informers: InformerFactory;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Blocks of pods and services: traffic to them keeps its source. */
  readonly clusterCidrs: readonly string[];
  /** Where containerd looks for its network; upstream's place is /etc/cni/net.d. */
  readonly cniConfDir: string;
  /** Path of the network namespace to work in; this process's own when absent. */
  readonly netns?: string;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const nodes = { group: '', version: 'v1', resource: 'nodes' };

const configFile = '10-coxswain.conflist';
const networkName = 'coxswain';

/** The kernel keeps with each route who made it; this number says us, so that stale ones are known. */
const routeProtocol = '88';

const retryMs = 1_000;

/**
 * Makes the node a part of the pod network: when its pod block is known, tells containerd of it, and keeps routes
 * to the blocks of all other nodes. Runs in the node's network namespace.
 */
export async function startNodeNetwork(options: NodeNetworkOptions): Promise<void> {
  const { informers, signal, clock = systemClock, logger = silentLogger } = options;
  const where = options.netns === undefined ? {} : { netns: options.netns };
  const link = await linkOf(options.nodeIp, where);
  await prepareKernel(where);
  const informer = informers.informer<corev1.Node>(nodes);
  const network = new NodeNetwork(options, link, where);
  let running = false;
  let again = false;
  const trigger = (): void => {
    again = true;
    if (running || signal.aborted || !informer.synced) return;
    running = true;
    void loop();
  };
  const loop = async (): Promise<void> => {
    while (again && !signal.aborted) {
      again = false;
      try {
        await network.sync(informer.lister.list());
      } catch (error) {
        logger.error('cannot set up the pod network', { error: (error as Error).message });
        again = true;
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
    running = false;
  };
  informer.addHandler({
    onAdd: trigger,
    onUpdate: (before, after) => {
      if (JSON.stringify(podRoutes([before], '')) !== JSON.stringify(podRoutes([after], ''))) trigger();
    },
    onDelete: trigger,
  });
  informer.whenSynced(signal).then(trigger, () => {});
}

class NodeNetwork {
  readonly #options: NodeNetworkOptions;
  readonly #link: NodeLink;
  readonly #where: RunOptions;
  #configured = '';

  constructor(options: NodeNetworkOptions, link: NodeLink, where: RunOptions) {
    this.#options = options;
    this.#link = link;
    this.#where = where;
  }

  async sync(all: readonly corev1.Node[]): Promise<void> {
    const { nodeName } = this.#options;
    const own = all.find((node) => node.metadata.name === nodeName)?.spec?.podCIDR;
    // Routes first: a pod that starts when containerd knows of its network reaches the others at once.
    await this.#route(podRoutes(all, nodeName));
    if (own !== undefined && own !== this.#configured) {
      await this.#configure(own);
      this.#configured = own;
    }
  }

  async #route(wanted: readonly PodRoute[]): Promise<void> {
    const shown = await run(['ip', '-json', '-4', 'route', 'show', 'proto', routeProtocol], this.#where);
    const present = (JSON.parse(shown || '[]') as { dst: string; gateway?: string }[]).map((r) => ({
      block: r.dst,
      via: r.gateway ?? '',
    }));
    const commands = diffRoutes(present, wanted).map((change) => `${change} proto ${routeProtocol}`);
    if (commands.length > 0)
      await run(['ip', '-batch', '-'], { ...this.#where, input: `${commands.join('\n')}\n` });
  }

  async #configure(podCidr: string): Promise<void> {
    const { cniConfDir, clusterCidrs } = this.#options;
    const table = masqueradeTable(podCidr, [...clusterCidrs, this.#link.network]);
    await run(['nft', '-f', '-'], { ...this.#where, input: table });
    await mkdir(cniConfDir, { recursive: true });
    // On a machine of its own the plugins' usual place; else beside the configuration, to go with the node.
    const own = cniConfDir.startsWith('/etc/');
    const dataDir = own ? '/var/lib/cni/networks' : join(dirname(cniConfDir), 'cni-addresses');
    const config = cniConfig({ name: networkName, podCidr, mtu: this.#link.mtu, dataDir });
    const path = join(cniConfDir, configFile);
    // containerd reads the folder again at each change; the same content is no change.
    const before = await readFile(path, 'utf8').catch(() => '');
    if (before !== config) await writeFileAtomic(path, config);
  }
}

/** Pods that speak to the world outside do so with their node's address, which the outside can answer. */
function masqueradeTable(podCidr: string, inside: readonly string[]): string {
  return `
table ip coxswain-node
delete table ip coxswain-node
table ip coxswain-node {
  set inside { type ipv4_addr; flags interval; auto-merge; elements = { ${inside.join(', ')} } }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${podCidr} ip daddr != @inside oifname != "cni0" masquerade
  }
}
`;
}

async function prepareKernel(where: RunOptions): Promise<void> {
  // A kernel with modules loads br_netfilter only now; one without has it built in, or not at all.
  await tryRun(['sh', '-c', 'modprobe br_netfilter']);
  await run(['sh', '-c', sysctls], where);
}

// Frames between pods of a node must pass the rules too: the answer of a pod to a pod on the same bridge would
// else go straight back with the wrong source.
const sysctls = `
set -e
echo 1 > /proc/sys/net/ipv4/ip_forward
for f in /proc/sys/net/bridge/bridge-nf-call-iptables /proc/sys/net/bridge/bridge-nf-call-ip6tables; do
  if [ -e "$f" ]; then echo 1 > "$f"; fi
done
`;
