import { mkdir } from 'node:fs/promises';
import type { InformerFactory } from '@coxswain/controller';
import { type Clock, type KubeObject, type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import { cniConfig } from './cni.ts';
import { run } from './run.ts';
import { writeFileAtomic } from './write-file.ts';

export interface PodNetworkOptions {
  /** The caller starts the factory after this. */
  readonly informers: InformerFactory;
  readonly nodeName: string;
  /** Where the runtime looks for its CNI configuration. */
  readonly cniConfDir: string;
  /** Name of the network in the CNI configuration. */
  readonly networkName: string;
  /** Where addresses that were given are remembered. */
  readonly dataDir: string;
  /** Bytes. Default 1500. */
  readonly mtu?: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const nodes = { group: '', version: 'v1', resource: 'nodes' };
/** Routes that this program made bear this protocol number, so that it removes no others. */
const protocol = '92';
const retryMs = 1_000;

/** Pod range to next hop: the ranges of all other nodes whose address and range are known. Pure. */
export function wantedRoutes(all: readonly KubeObject[], self: string): Map<string, string> {
  const routes = new Map<string, string>();
  for (const node of all) {
    const range: string | undefined = node['spec']?.podCIDR;
    const address = node['status']?.addresses?.find(
      (a: { type: string }) => a.type === 'InternalIP',
    )?.address;
    if (node.metadata.name !== self && range && address) routes.set(range, address);
  }
  return routes;
}

/**
 * Joins the node's pods to those of the other nodes: writes the CNI configuration once the node has a range of
 * pod addresses, and keeps a route to every other node's range. For nodes on one network segment.
 */
export function startPodNetwork(options: PodNetworkOptions): void {
  const { nodeName, signal, clock = systemClock, logger = silentLogger } = options;
  const informer = options.informers.informer(nodes);
  let configured: string | undefined;
  let running = false;
  let again = false;

  const configure = async (): Promise<void> => {
    const podCidr: string | undefined = informer.lister.get('', nodeName)?.['spec']?.podCIDR;
    if (!podCidr || podCidr === configured) return;
    const { networkName: name, mtu = 1500, dataDir, cniConfDir } = options;
    await mkdir(cniConfDir, { recursive: true });
    await writeFileAtomic(`${cniConfDir}/10-coxswain.conflist`, cniConfig({ name, podCidr, mtu, dataDir }));
    configured = podCidr;
  };
  const route = async (): Promise<void> => {
    const wanted = wantedRoutes(informer.lister.list(), nodeName);
    const present = parseRoutes(await run(['ip', '-4', 'route', 'show', 'proto', protocol]));
    for (const [range, via] of wanted) {
      if (present.get(range) !== via)
        await run(['ip', 'route', 'replace', range, 'via', via, 'proto', protocol]);
    }
    for (const range of present.keys()) {
      if (!wanted.has(range)) await run(['ip', 'route', 'del', range, 'proto', protocol]);
    }
  };
  const trigger = (): void => {
    again = true;
    if (running || signal.aborted || !informer.synced) return;
    running = true;
    void sync();
  };
  const sync = async (): Promise<void> => {
    while (again && !signal.aborted) {
      again = false;
      try {
        await configure();
        await route();
      } catch (error) {
        logger.warn('cannot set up the pod network', { error: (error as Error).message });
        again = true;
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
    running = false;
  };
  informer.addHandler({
    onAdd: trigger,
    onUpdate: (before, after) => {
      if (view(before) !== view(after)) trigger();
    },
    onDelete: trigger,
  });
  informer.whenSynced(signal).then(trigger, () => undefined);
}

function view(node: KubeObject): string {
  return JSON.stringify([node['spec']?.podCIDR, node['status']?.addresses]);
}

/** `10.244.1.0/24 via 10.213.0.12 dev eth0` lines. */
function parseRoutes(text: string): Map<string, string> {
  const lines = text.split('\n').map((line) => /^(\S+) via (\S+)/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1] as string, match[2] as string]] : [])));
}
