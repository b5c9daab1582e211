import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, HttpTransport, loadKubeconfig, newKubeconfig, writeKubeconfig } from '@coxswain/client';
import {
  ClusterError,
  type ClusterPlan,
  type ClusterPrograms,
  checkRealNodes,
  clusterUp,
  type NodePlan,
} from '@coxswain/cluster';
import { type KubeObject, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { UsageError } from '../cli-error.ts';
import type { Command, Streams } from '../command.ts';
import type { Flags } from '../flags.ts';
import { adminKubeconfigPath, clusterDir, localFlags, nodeKubeconfigPath } from '../local-cluster.ts';
import { terminalProgress } from '../terminal-progress.ts';

export const up: Command = {
  usage: 'up [--nodes N] [--simulate N]',
  flags: {
    ...localFlags,
    nodes: {
      type: 'int',
      help: 'Real nodes: network namespaces with a containerd each (default 2 where possible)',
    },
    simulate: { type: 'int', default: '0', help: 'Simulated nodes besides' },
    name: { type: 'string', default: 'cox', help: 'Prefix of what the kernel names; up to 8 characters' },
    'node-cidr': { type: 'string', help: 'Network of the nodes; a free one when absent' },
    'pod-cidr': { type: 'string', default: '10.244.0.0/16', help: 'Network of the pods' },
    'service-cidr': { type: 'string', default: '10.96.0.0/16', help: 'Network of the services' },
    port: { type: 'int', default: '6443', help: 'Port of the API server' },
    timeout: { type: 'duration', default: '60s', help: 'How long the server, and then the nodes, may take' },
    'server-arg': {
      type: 'strings',
      help: 'A further flag for the server, such as --server-arg=--v=4; may be repeated',
    },
  },
  async run({ flags, streams }) {
    const dir = clusterDir(flags);
    const counts = await nodeCounts(flags, streams);
    const nodeCidr = flags.string('node-cidr');
    const plan = await clusterUp({
      dir,
      name: flags.string('name') as string,
      ...counts,
      ...(nodeCidr === undefined ? {} : { nodeCidr }),
      podCidr: flags.string('pod-cidr') as string,
      serviceCidr: flags.string('service-cidr') as string,
      serverPort: flags.int('port') as number,
      timeoutMs: flags.duration('timeout') as number,
      programs: programs(flags.values('server-arg')),
      progress: terminalProgress(streams),
    });
    streams.out.write(summary(plan));
    return 0;
  },
};

/** Real nodes where they can be had; else simulated ones, and the reason is told. */
async function nodeCounts(flags: Flags, streams: Streams): Promise<{ nodes: number; simulate: number }> {
  const simulate = flags.int('simulate') as number;
  const asked = flags.int('nodes');
  if (asked === 0) return { nodes: 0, simulate };
  try {
    await checkRealNodes();
    return { nodes: asked ?? 2, simulate };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const count = asked ?? 2;
    streams.err.write(`${error.message}; starting ${count} simulated nodes instead.\n`);
    return { nodes: 0, simulate: simulate + count };
  }
}

/** The command line of this program, in the sources or as a bundle. */
function self(): readonly string[] {
  const main = process.argv[1] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'cox.ts');
  // As the script `cox` starts it.
  return [process.execPath, '--disable-warning=ExperimentalWarning', '--max-semi-space-size=8', main];
}

function programs(serverArgs: readonly string[]): ClusterPrograms {
  const refused = serverArgs.find((arg) => !arg.startsWith('--'));
  if (refused !== undefined)
    throw new UsageError(`error: --server-arg takes a flag such as --v=4, not "${refused}"`);
  return {
    server: (plan) => [
      ...self(),
      'server',
      `--data-dir=${join(plan.dir, 'server')}`,
      `--bind-address=${plan.gateway}`,
      `--advertise-address=${plan.gateway}`,
      `--secure-port=${plan.serverPort}`,
      `--service-cluster-ip-range=${plan.serviceCidr}`,
      `--cluster-dns=${plan.clusterDns}`,
      '--allocate-node-cidrs',
      `--cluster-cidr=${plan.podCidr}`,
      '--enable-bootstrap-token-auth',
      ...serverArgs,
    ],
    serverReady: async (plan, signal) => {
      const client = await adminClient(plan, signal);
      await until(signal, async () => (await client.transport.raw('/readyz', { signal })) === 'ok');
      await writeNodeCredentials(plan);
    },
    agent: (plan, node) => [...self(), 'agent', ...agentFlags(plan, node)],
    simulator: (plan, nodes) => [
      ...self(),
      'simulate',
      `--client-ca-file=${join(plan.dir, 'server', 'pki', 'ca.crt')}`,
      ...nodes.map((node) => `${node.name}=${nodeKubeconfigPath(plan.dir, node.name)}`),
    ],
    nodesReady: async (plan, signal) => {
      const client = await adminClient(plan, signal);
      const wanted = new Set(plan.nodes.map((node) => node.name));
      await untilNodesReady(client, wanted, signal);
    },
  };
}

function agentFlags(plan: ClusterPlan, node: NodePlan): string[] {
  return [
    `--kubeconfig=${nodeKubeconfigPath(plan.dir, node.name)}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    `--root-dir=${join(node.dir, 'kubelet')}`,
    `--pod-log-dir=${join(node.dir, 'pod-logs')}`,
    `--client-ca-file=${join(plan.dir, 'server', 'pki', 'ca.crt')}`,
    `--cluster-dns=${plan.clusterDns}`,
    `--cluster-domain=${plan.clusterDomain}`,
    `--cluster-cidr=${plan.podCidr}`,
    `--service-cluster-ip-range=${plan.serviceCidr}`,
    `--container-runtime-endpoint=unix://${node.socket}`,
    `--cgroup-root=${node.cgroupRoot}`,
    `--cni-conf-dir=${node.cniConfDir}`,
  ];
}

/** The agents of this machine get their certificates from the cluster's CA directly; others join by token. */
async function writeNodeCredentials(plan: ClusterPlan): Promise<void> {
  const pki = new PkiDir(join(plan.dir, 'server', 'pki'), systemClock);
  const ca = pki.authority('ca', 'kubernetes');
  const server = `https://${plan.gateway}:${plan.serverPort}`;
  const write = async (
    path: string,
    name: string,
    commonName: string,
    organizations: string[],
  ): Promise<void> => {
    const pair = pki.leaf(name, ca, { subject: { commonName, organizations }, usages: ['client'] });
    const { certificate: cert, key } = pair;
    await writeKubeconfig(
      path,
      newKubeconfig({ name: 'coxswain', userName: commonName, server, ca: ca.certificate, cert, key }),
    );
  };
  for (const node of plan.nodes) {
    await write(nodeKubeconfigPath(plan.dir, node.name), `node-${node.name}`, `system:node:${node.name}`, [
      'system:nodes',
    ]);
  }
}

/** A client for the server, as soon as the server has written its kubeconfig. */
async function adminClient(plan: ClusterPlan, signal: AbortSignal): Promise<Client> {
  const path = adminKubeconfigPath(plan.dir);
  let client: Client | undefined;
  await until(signal, async () => {
    client = new Client(new HttpTransport({ ...loadKubeconfig(path), userAgent: 'cox' }));
    return true;
  });
  return client as Client;
}

/** Tries until `check` gives true; what it throws counts as "not yet". */
async function until(signal: AbortSignal, check: () => Promise<boolean>): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await check().catch(() => false)) return;
    await systemClock.sleep(20, signal);
  }
}

const nodes = { group: '', version: 'v1', resource: 'nodes' } as const;

async function untilNodesReady(
  client: Client,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const ready = new Set<string>();
  const look = (node: KubeObject): void => {
    const name = node.metadata.name as string;
    const condition = node['status']?.conditions?.find((c: { type: string }) => c.type === 'Ready');
    if (condition?.status === 'True' && wanted.has(name)) ready.add(name);
    else ready.delete(name);
  };
  while (ready.size < wanted.size) {
    signal.throwIfAborted();
    const list = await client.resource(nodes).list();
    list.items.forEach(look);
    if (ready.size >= wanted.size) return;
    const enough = new AbortController();
    const options = { resourceVersion: list.metadata.resourceVersion as string, timeoutSeconds: 30 };
    await client.resource(nodes).watch(
      (event) => {
        if (event.type === 'ADDED' || event.type === 'MODIFIED') look(event.object);
        if (ready.size >= wanted.size) enough.abort();
      },
      options,
      AbortSignal.any([signal, enough.signal]),
    );
  }
}

function summary(plan: ClusterPlan): string {
  const kubeconfig = adminKubeconfigPath(plan.dir);
  const nodeLines = plan.nodes.map((node) => `  ${node.name}   ${node.kind}   ${node.address}`);
  return [
    `The cluster is up: https://${plan.gateway}:${plan.serverPort}`,
    ...nodeLines,
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get nodes',
    '',
  ].join('\n');
}
