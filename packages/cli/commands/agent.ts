import { Client, HttpTransport, loadKubeconfig } from '@coxswain/client';
import { startNodeNetwork } from '@coxswain/cluster';
import { createInformerFactory } from '@coxswain/controller';
import { dnsPortLabel, startDns } from '@coxswain/dns';
import { type Logger, systemClock } from '@coxswain/machinery';
import type { Command } from '../command.ts';
import { clientFlags, connect } from '../component.ts';
import type { Flags } from '../flags.ts';
import { joinCluster, joinFlags } from '../join.ts';
import { kubeletFlags } from '../kubelet-flags.ts';
import { nodeIpsOf, nodeNameOf, startKubeletFromFlags } from '../kubelet-set-up.ts';
import { createLogger } from '../logger.ts';
import { proxyFlags, startProxyFromFlags } from '../proxy-set-up.ts';
import { untilAborted } from '../until-aborted.ts';

export const agent: Command = {
  usage: 'agent --kubeconfig FILE | agent --server URL --token TOKEN',
  flags: {
    ...clientFlags,
    ...joinFlags,
    ...kubeletFlags,
    ...proxyFlags,
    'proxy-kubeconfig': { type: 'string', help: "Credentials of proxy and DNS; the node's own when absent" },
    'dns-port': { type: 'int', default: '53', help: "Port of the node's DNS server; 0: none" },
    'cni-conf-dir': {
      type: 'string',
      help: 'Write the CNI configuration there, and keep routes to other nodes',
    },
  },
  async run({ flags, signal }) {
    const logger = createLogger('agent', flags.int('v') as number);
    const client =
      flags.string('server') === undefined
        ? connect(flags, 'cox-kubelet')
        : await joinCluster(flags, nodeNameOf(flags), logger, signal);
    const closers: (() => Promise<void>)[] = [];
    const simulate = flags.bool('simulate');
    let labels = {};
    // The network comes first: pods that start at once need it.
    if (!simulate) labels = await startNetwork(flags, client, logger, closers, signal);
    const kubelet = await startKubeletFromFlags(flags, client, logger, labels);
    closers.push(() => kubelet.close());
    logger.info('node runs', { node: nodeNameOf(flags) });
    await untilAborted(signal);
    for (const close of closers.reverse()) await close();
    return 0;
  },
};

/** Starts pod network, proxy and DNS. Gives the labels that tell of them. */
async function startNetwork(
  flags: Flags,
  client: Client,
  logger: Logger,
  closers: (() => Promise<void>)[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const kubeconfig = flags.string('proxy-kubeconfig');
  const shared =
    kubeconfig === undefined
      ? client
      : new Client(new HttpTransport({ ...loadKubeconfig(kubeconfig), userAgent: 'cox-proxy' }));
  // Network, proxy and DNS read the same nodes, services and slices: one copy serves all.
  const informers = createInformerFactory(shared, { clock: systemClock, logger, random: Math.random });
  const cniConfDir = flags.string('cni-conf-dir');
  if (cniConfDir !== undefined) {
    await startNodeNetwork({
      informers,
      nodeName: nodeNameOf(flags),
      nodeIp: nodeIpsOf(flags)[0] as string,
      clusterCidrs: [...flags.strings('cluster-cidr'), ...flags.strings('service-cluster-ip-range')],
      cniConfDir,
      signal,
      clock: systemClock,
      logger,
    });
  }
  const proxy = await startProxyFromFlags(flags, informers, logger);
  closers.push(() => proxy.close());
  const port = flags.int('dns-port') as number;
  const clusterDns = flags.strings('cluster-dns')[0];
  const labels: Record<string, string> = {};
  if (port > 0 && clusterDns !== undefined) {
    const dns = await startDns({
      informers,
      address: nodeIpsOf(flags)[0] as string,
      port,
      clusterDomain: flags.string('cluster-domain') as string,
      clusterDns,
      clock: systemClock,
      logger,
      random: Math.random,
    });
    closers.push(() => dns.close());
    labels[dnsPortLabel] = String(port);
  }
  informers.start(signal);
  return labels;
}
