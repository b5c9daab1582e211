import { ClusterError } from './cluster-error.ts';
import { containerdProcess } from './containerd.ts';
import { loadImage } from './image/load-image.ts';
import { realNodes } from './network.ts';
import type { ClusterPlan } from './plan.ts';
import { findProcess } from './processes.ts';
import { readState } from './state.ts';
import { agentProcess, serverProcess } from './up.ts';

/** Whether a program of the cluster runs, and as which process. */
export interface ProgramStatus {
  readonly running: boolean;
  /** Absent when it was never started. */
  readonly pid?: number;
}

export interface NodeStatus {
  readonly name: string;
  readonly kind: 'real' | 'simulated';
  readonly address: string;
  readonly agent: ProgramStatus;
  /** Absent for simulated nodes. */
  readonly containerd?: ProgramStatus;
}

export interface ClusterStatus {
  readonly plan: ClusterPlan;
  readonly server: ProgramStatus;
  readonly nodes: readonly NodeStatus[];
}

/** What of the cluster in `dir` runs; undefined when there is no cluster. */
export async function clusterStatus(dir: string): Promise<ClusterStatus | undefined> {
  const state = await readState(dir);
  if (state === undefined) return undefined;
  const program = async (name: string): Promise<ProgramStatus> => {
    const found = await findProcess(dir, name);
    return found === undefined ? { running: false } : { running: found.running, pid: found.pid };
  };
  const nodes = state.plan.nodes.map(async (node) => ({
    name: node.name,
    kind: node.kind,
    address: node.address,
    agent: await program(agentProcess(node)),
    ...(node.kind === 'real' ? { containerd: await program(containerdProcess(node)) } : {}),
  }));
  return { plan: state.plan, server: await program(serverProcess()), nodes: await Promise.all(nodes) };
}

/**
 * Brings the images of an OCI or Docker archive into every real node of the cluster in `dir`.
 *
 * @returns the names of the images
 * @throws ClusterError NOT_RUNNING when there is no cluster or it has no real node
 */
export async function imageLoad(dir: string, file: string): Promise<readonly string[]> {
  const state = await readState(dir);
  const nodes = state === undefined ? [] : realNodes(state.plan);
  if (nodes.length === 0) {
    throw new ClusterError(
      'NOT_RUNNING',
      `there is no cluster with real nodes in "${dir}": run "cox up" first`,
    );
  }
  const loaded = await Promise.all(nodes.map((node) => loadImage(node.socket as string, file)));
  return loaded[0] ?? [];
}
