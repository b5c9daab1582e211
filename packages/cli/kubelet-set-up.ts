import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@coxswain/client';
import { RemoteRuntime, type Runtime, SimulatedRuntime } from '@coxswain/cri';
import { type Kubelet, type KubeletOptions, startKubelet } from '@coxswain/kubelet';
import { type Logger, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { CliError, UsageError } from './cli-error.ts';
import { pairFromFiles, readText } from './flag-files.ts';
import type { Flags } from './flags.ts';
import { joinedCaPath } from './join.ts';

/** The size that a simulated node claims. */
export const simulatedSize = { cpus: 32, memoryBytes: 128 * 2 ** 30 };

export function nodeNameOf(flags: Flags): string {
  return (flags.string('hostname-override') ?? hostname()).toLowerCase();
}

export function nodeIpsOf(flags: Flags): readonly string[] {
  const given = flags.strings('node-ip');
  if (given.length > 0) return given;
  const found = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((entry) => entry.family === 'IPv4' && !entry.internal);
  if (!found) throw new CliError('error: this machine has no address but loopback; name one with --node-ip');
  return [found.address];
}

/** Starts the kubelet that the flags describe. */
export async function startKubeletFromFlags(
  flags: Flags,
  client: Client,
  logger: Logger,
  labels: Readonly<Record<string, string>> = {},
): Promise<Kubelet> {
  const simulate = flags.bool('simulate');
  const nodeName = nodeNameOf(flags);
  const nodeIps = nodeIpsOf(flags);
  const rootDir = flags.string('root-dir') as string;
  const optional = {
    podLogsDir: flags.string('pod-log-dir'),
    podCidr: flags.string('pod-cidr'),
    staticPodPath: flags.string('pod-manifest-path'),
    ...(simulate ? { simulate: simulatedSize } : {}),
  };
  const options: KubeletOptions = {
    nodeName,
    client,
    runtime: runtimeOf(flags),
    rootDir,
    clusterDns: flags.strings('cluster-dns'),
    clusterDomain: flags.string('cluster-domain') as string,
    nodeIps,
    hostname: nodeName,
    server: {
      address: flags.string('address') as string,
      port: flags.int('port') as number,
      ...servingPair(flags, nodeName, nodeIps, rootDir),
      ...clientCa(flags),
    },
    cgroupRoot: flags.string('cgroup-root') as string,
    clock: systemClock,
    logger,
    registerNode: flags.bool('register-node'),
    labels: { ...flags.map('node-labels'), ...labels },
    taints: flags.strings('register-with-taints').map(parseTaint),
    maxPods: flags.int('max-pods') as number,
    reserved: flags.map('kube-reserved'),
    resolvConf: flags.string('resolv-conf') as string,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
  return await startKubelet(options);
}

function runtimeOf(flags: Flags): Runtime {
  if (flags.bool('simulate')) return new SimulatedRuntime({ clock: systemClock });
  const endpoint = flags.string('container-runtime-endpoint') as string;
  return new RemoteRuntime({ socket: endpoint.replace(/^unix:\/\//, ''), clock: systemClock });
}

function clientCa(flags: Flags): { clientCa?: string } {
  // One CA signs clients and servers in the clusters that agents join.
  const joined = flags.has('server') ? joinedCaPath(flags.string('root-dir') as string) : undefined;
  const path = flags.string('client-ca-file') ?? joined;
  return path === undefined ? {} : { clientCa: readText(path, 'cannot read --client-ca-file') };
}

function servingPair(
  flags: Flags,
  nodeName: string,
  nodeIps: readonly string[],
  rootDir: string,
): { cert: string; key: string } {
  const given = pairFromFiles(flags, 'tls-cert-file', 'tls-private-key-file');
  if (given !== undefined) return given;
  const pki = new PkiDir(flags.string('cert-dir') ?? join(rootDir, 'pki'), systemClock);
  const issuer = pki.authority('kubelet-ca', `${nodeName}-ca`);
  const leaf = pki.leaf('kubelet', issuer, {
    subject: { commonName: nodeName },
    usages: ['server'],
    altNames: [nodeName, ...nodeIps],
  });
  return { cert: leaf.certificate, key: leaf.key };
}

/** `key=value:effect` or `key:effect`. */
function parseTaint(text: string): { key: string; value?: string; effect: string } {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text);
  if (!match)
    throw new UsageError(`error: --register-with-taints "${text}" is not of the form key=value:effect`);
  const [, key = '', value, effect = ''] = match;
  return { key, ...(value === undefined ? {} : { value }), effect };
}
