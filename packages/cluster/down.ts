import { readdir, readFile, rm } from 'node:fs/promises';
import { type Clock, systemClock } from '@coxswain/machinery';
import { cgroupProcesses, removeCgroup } from './cgroups.ts';
import { keepAlive } from './keep-alive.ts';
import { holdLock } from './lock.ts';
import { unmountBelow } from './mounts.ts';
import { realNodes, removeNetwork, writeSysctls } from './network.ts';
import type { ClusterPlan } from './plan.ts';
import { markedProcesses } from './process-table.ts';
import { listProcesses, stopPids } from './processes.ts';
import { readState } from './state.ts';
import type { Progress } from './up.ts';

export interface DownOptions {
  readonly dir: string;
  readonly progress?: Progress;
  readonly clock?: Clock;
  /** Milliseconds the server and the agents get to end by themselves; 3,000 when absent. */
  readonly graceMs?: number;
}

/**
 * Removes everything of the cluster in `dir` and the folder itself. May be called again after it failed or was
 * killed, and after anything of the cluster was killed; does nothing where there is no cluster.
 *
 * @returns whether there was one
 */
export async function clusterDown(options: DownOptions): Promise<boolean> {
  const { dir } = options;
  const clock = options.clock ?? systemClock;
  const state = await readState(dir);
  if (state === undefined) return false;
  const { plan, sysctlBefore } = state;
  using _alive = keepAlive();
  using _lock = await holdLock(dir);
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    options.progress?.begin(name);
    const began = clock.monotonic();
    await work();
    options.progress?.end(name, clock.monotonic() - began);
  };
  await step('processes', () => stopEverything(plan, options.graceMs ?? 3_000, clock));
  if (realNodes(plan).length > 0) {
    await step('containers', () => removeRuntime(plan, clock));
    await step('network', async () => {
      await removeNetwork(plan);
      await writeSysctls(sysctlBefore);
    });
  }
  await step('files', () => removeFiles(dir));
  return true;
}

/** First those with something to finish; then, at once, containers, shims and whatever bears the mark. */
async function stopEverything(plan: ClusterPlan, graceMs: number, clock: Clock): Promise<void> {
  const recorded = (await listProcesses(plan.dir)).filter((p) => p.running);
  // containerd stays for last: agents speak to it while they end.
  const first = recorded.filter((p) => !p.name.startsWith('containerd-'));
  await stopPids(
    first.map((p) => p.pid),
    { graceMs, clock },
  );
  for (;;) {
    const contained = realNodes(plan).length > 0 ? await cgroupProcesses(plan.cgroup) : [];
    const left = [...(await markedProcesses(plan.dir)), ...contained];
    if (left.length === 0) return;
    await stopPids(left, { graceMs: 0, clock });
  }
}

async function removeRuntime(plan: ClusterPlan, clock: Clock): Promise<void> {
  for (const node of realNodes(plan)) {
    await removeShimSockets(`${node.dir}/run`);
    await removeCniResults(`${node.dir}/containerd/io.containerd.grpc.v1.cri/sandboxes`);
  }
  await unmountBelow(plan.dir);
  await removeCgroup(plan.cgroup, clock);
}

/** libcni files what it gave each sandbox in a folder that containerd cannot move, by network and sandbox. */
async function removeCniResults(sandboxes: string): Promise<void> {
  const results = '/var/lib/cni/results';
  const files = await readdir(results).catch(() => []);
  for (const sandbox of await readdir(sandboxes).catch(() => [])) {
    for (const file of files) if (file.includes(sandbox)) await rm(`${results}/${file}`, { force: true });
  }
}

/** A shim's socket lies outside the node's folder, in /run/containerd; its bundle says where. */
async function removeShimSockets(stateDir: string): Promise<void> {
  const tasks = `${stateDir}/io.containerd.runtime.v2.task/k8s.io`;
  for (const id of await readdir(tasks).catch(() => [])) {
    const address = await readFile(`${tasks}/${id}/address`, 'utf8').catch(() => '');
    if (address.startsWith('unix://')) await rm(address.slice('unix://'.length), { force: true });
  }
}

/** The state goes last: as long as it is there, `down` can be called again. */
async function removeFiles(dir: string): Promise<void> {
  for (const entry of await readdir(dir)) {
    if (entry === 'cluster.json' || entry === 'lock') continue;
    await rm(`${dir}/${entry}`, { recursive: true, force: true });
  }
  await rm(`${dir}/cluster.json`, { force: true });
  await rm(dir, { recursive: true, force: true });
}
