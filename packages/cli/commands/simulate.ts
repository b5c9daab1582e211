import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, HttpTransport, loadKubeconfig } from '@coxswain/client';
import { SimulatedRuntime } from '@coxswain/cri';
import { type Kubelet, startKubelet } from '@coxswain/kubelet';
import { type Logger, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { UsageError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { commonFlags } from '../component.ts';
import { fileOf } from '../flag-files.ts';
import { simulatedSize } from '../kubelet-set-up.ts';
import { createLogger } from '../logger.ts';
import { untilAborted } from '../until-aborted.ts';

/** Simulated nodes are reached through loopback, each kubelet at a port of its own. */
const address = '127.0.0.1';

export const simulate: Command = {
  usage: 'simulate NODE=KUBECONFIG...',
  flags: {
    ...commonFlags,
    'client-ca-file': { type: 'string', help: "CAs of client certificates for the kubelets' servers" },
    'cluster-domain': { type: 'string', default: 'cluster.local', help: 'Domain of the cluster' },
    'max-pods': { type: 'int', default: '110', help: 'How many pods a node takes' },
  },
  takesArguments: true,
  async run({ flags, signal }) {
    const nodes = flags.args.map(parseNode);
    if (nodes.length === 0) throw new UsageError('error: usage: cox simulate NODE=KUBECONFIG...');
    const logger = createLogger('simulator', flags.int('v') as number);
    const clientCa = fileOf(flags, 'client-ca-file');
    // One certificate serves all: they share an address, and live no longer than the process.
    const scratch = mkdtempSync(join(tmpdir(), 'coxswain-simulator-'));
    const serving = servingPair(scratch);
    rmSync(scratch, { recursive: true });
    const kubelets = await Promise.all(
      nodes.map(({ name, kubeconfig }) =>
        startKubelet({
          nodeName: name,
          client: new Client(new HttpTransport({ ...loadKubeconfig(kubeconfig), userAgent: 'cox-kubelet' })),
          runtime: new SimulatedRuntime({ clock: systemClock }),
          nodeIps: [address],
          hostname: name,
          clusterDomain: flags.string('cluster-domain') as string,
          server: { address, port: 0, ...serving, ...(clientCa === undefined ? {} : { clientCa }) },
          maxPods: flags.int('max-pods') as number,
          simulate: simulatedSize,
          clock: systemClock,
          logger,
        }),
      ),
    );
    logger.info('simulated nodes run', { nodes: nodes.length });
    await untilAborted(signal);
    await closeAll(kubelets, logger);
    return 0;
  },
};

function parseNode(text: string): { name: string; kubeconfig: string } {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new UsageError(`error: "${text}" is not of the form NODE=KUBECONFIG`);
  return { name: text.slice(0, equals), kubeconfig: text.slice(equals + 1) };
}

function servingPair(dir: string): { cert: string; key: string } {
  const pki = new PkiDir(dir, systemClock);
  const issuer = pki.authority('ca', 'simulated-nodes-ca');
  const leaf = pki.leaf('kubelet', issuer, {
    subject: { commonName: 'simulated-nodes' },
    usages: ['server'],
    altNames: [address, 'localhost'],
  });
  return { cert: leaf.certificate, key: leaf.key };
}

async function closeAll(kubelets: readonly Kubelet[], logger: Logger): Promise<void> {
  for (const result of await Promise.allSettled(kubelets.map((kubelet) => kubelet.close()))) {
    if (result.status === 'rejected') logger.warn('kubelet not closed', { error: String(result.reason) });
  }
}
