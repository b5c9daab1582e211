import { mkdir, readdir, rm } from 'node:fs/promises';
import { type Clock, systemClock } from '@coxswain/machinery';
import { ensureCgroup } from './cgroups.ts';
import { ClusterError } from './cluster-error.ts';
import { containerdReady, startContainerd } from './containerd.ts';
import { loadImage } from './image/load-image.ts';
import { writePauseImage } from './image/pause-image.ts';
import { keepAlive } from './keep-alive.ts';
import { holdLock } from './lock.ts';
import { checkRealNodes, readMachine } from './machine.ts';
import { ensureSharedMount } from './mounts.ts';
import { clusterOfBridge, ensureNetwork, hostSysctls, readSysctls, realNodes } from './network.ts';
import { type ClusterOptions, type ClusterPlan, type NodePlan, planCluster } from './plan.ts';
import { ensureProcess, findProcess, logPath } from './processes.ts';
import { readState, writeState } from './state.ts';

/** Told of each step as it begins and ends, for a terminal or a log. */
export interface Progress {
  begin(step: string): void;
  end(step: string, milliseconds: number): void;
}

/** The programs of a cluster and how to know that they work. The cluster machinery knows none of them itself. */
export interface ClusterPrograms {
  /** The control plane's command line. */
  server(plan: ClusterPlan): readonly string[];
  /** Resolves when the control plane serves, and with all that agents need on file. */
  serverReady(plan: ClusterPlan, signal: AbortSignal): Promise<void>;
  /** A real node's command line; run in the node's network namespace, when the server is ready. */
  agent(plan: ClusterPlan, node: NodePlan): readonly string[];
  /** The command line of all simulated nodes together: a process of its own for each would cost more than they. */
  simulator(plan: ClusterPlan, nodes: readonly NodePlan[]): readonly string[];
  /** Resolves when all nodes are Ready. */
  nodesReady(plan: ClusterPlan, signal: AbortSignal): Promise<void>;
}

export interface UpOptions extends ClusterOptions {
  readonly programs: ClusterPrograms;
  readonly progress?: Progress;
  readonly clock?: Clock;
  /** Milliseconds that the server, and then the nodes, may take; 60,000 when absent. */
  readonly timeoutMs?: number;
}

export function serverProcess(): string {
  return 'server';
}

/** The name of the process in which the node's agent runs. */
export function agentProcess(node: NodePlan): string {
  return node.kind === 'simulated' ? 'simulator' : `agent-${node.name}`;
}

/**
 * Makes the cluster, or mends it: what already stands is left alone, what is missing is made. Everything is on
 * file before it is made, so that `clusterDown` removes it whatever happens here.
 *
 * @throws ClusterError with one sentence for the person who asked
 */
export async function clusterUp(options: UpOptions): Promise<ClusterPlan> {
  const clock = options.clock ?? systemClock;
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    options.progress?.begin(name);
    const began = clock.monotonic();
    const result = await work();
    options.progress?.end(name, clock.monotonic() - began);
    return result;
  };
  if ((options.nodes ?? 0) > 0) await checkRealNodes();
  const made = await mkdir(options.dir, { recursive: true });
  using _alive = keepAlive();
  using _lock = await holdLock(options.dir);
  const plan = await settlePlan(options).catch(async (error: unknown) => {
    if (made !== undefined) await leaveNoTrace(options.dir);
    throw error;
  });
  const real = realNodes(plan);

  // The server listens on the bridge's address, so the bridge comes first.
  if (real.length > 0) await step('network', () => ensureNetwork(plan));
  await ensureProcess(plan.dir, { name: serverProcess(), command: options.programs.server(plan) });
  if (real.length > 0) {
    await step('containerd', async () => {
      const pause = `${plan.dir}/pause.tar`;
      await Promise.all([writePauseImage(pause), ...real.map((node) => prepareNode(plan, node))]);
      await Promise.all(
        real.map(async (node) => {
          await containerdReady(plan.dir, node, { clock });
          await loadImage(node.socket as string, pause);
        }),
      );
    });
  }
  const wait = (ready: ClusterPrograms['serverReady'], names: readonly string[]): Promise<void> =>
    waitReady(plan, names, ready, options.timeoutMs ?? 60_000, clock);
  await step('server', () => wait(options.programs.serverReady, [serverProcess()]));
  await step('nodes', async () => {
    for (const node of real) {
      const command = options.programs.agent(plan, node);
      await ensureProcess(plan.dir, { name: agentProcess(node), command, netns: node.netns as string });
    }
    const simulated = plan.nodes.filter((node) => node.kind === 'simulated');
    if (simulated.length > 0) {
      const command = options.programs.simulator(plan, simulated);
      await ensureProcess(plan.dir, { name: agentProcess(simulated[0] as NodePlan), command });
    }
    await wait(options.programs.nodesReady, [serverProcess(), ...new Set(plan.nodes.map(agentProcess))]);
  });
  return plan;
}

/** A cluster that was refused takes the folder away again that was made for it. */
async function leaveNoTrace(dir: string): Promise<void> {
  if ((await readdir(dir)).some((entry) => entry !== 'lock')) return;
  await rm(dir, { recursive: true, force: true });
}

/** The plan on file, when there is one for the same wish; else a new one, put on file. */
async function settlePlan(options: UpOptions): Promise<ClusterPlan> {
  const state = await readState(options.dir);
  const real = (options.nodes ?? 0) > 0;
  const own = new RegExp(`^(${options.name ?? 'cox'}0|${options.name ?? 'cox'}-n\\d+)$`);
  if (state === undefined) {
    const plan = planCluster(options, real ? await readMachine(own) : { routes: [], mtu: 1500 });
    if (real) await refuseOtherCluster(plan);
    const sysctlBefore = real ? await readSysctls(Object.keys(hostSysctls)) : {};
    await writeState({ plan, sysctlBefore });
    return plan;
  }
  const fixed = { nodeCidr: state.plan.nodeCidr };
  const plan = planCluster({ ...options, ...fixed }, { routes: [], mtu: state.plan.mtu });
  if (JSON.stringify(plan) !== JSON.stringify(state.plan)) {
    throw new ClusterError(
      'BUSY',
      `a cluster with other options is in "${options.dir}": take it down first with "cox down"`,
    );
  }
  return plan;
}

/** Names in the kernel are the machine's: two clusters of one name would take each other's apart. */
async function refuseOtherCluster(plan: ClusterPlan): Promise<void> {
  const other = await clusterOfBridge(plan.bridge);
  if (other === undefined || other === plan.dir || (await readState(other)) === undefined) return;
  throw new ClusterError(
    'BUSY',
    `another cluster named "${plan.name}" is in "${other}": take that one down, or choose another name with --name`,
  );
}

async function prepareNode(plan: ClusterPlan, node: NodePlan): Promise<void> {
  await ensureCgroup(node.cgroupRoot as string);
  await ensureSharedMount(`${node.dir}/kubelet`);
  await startContainerd(plan.dir, node);
}

/** Waits until `ready` resolves; fails early when one of the processes ends, naming its log. */
async function waitReady(
  plan: ClusterPlan,
  names: readonly string[],
  ready: ClusterPrograms['serverReady'],
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  const stop = new AbortController();
  const watch = async (): Promise<never> => {
    const deadline = clock.monotonic() + timeoutMs;
    for (;;) {
      for (const name of names) {
        if ((await findProcess(plan.dir, name))?.running) continue;
        throw new ClusterError('PROCESS_DIED', `the process ${name} ended; see "${logPath(plan.dir, name)}"`);
      }
      if (clock.monotonic() > deadline) {
        const logs = names.map((name) => `"${logPath(plan.dir, name)}"`).join(', ');
        throw new ClusterError('PROCESS_DIED', `the cluster is not ready after ${timeoutMs} ms; see ${logs}`);
      }
      await clock.sleep(100, stop.signal);
    }
  };
  try {
    await Promise.race([ready(plan, stop.signal), watch()]);
  } finally {
    stop.abort(new ClusterError('BUSY', 'no longer waited for'));
  }
}
