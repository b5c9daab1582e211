import { mkdir, readFile } from 'node:fs/promises';
import { ClusterError } from './cluster-error.ts';
import type { ClusterPlan } from './plan.ts';
import { writeFileAtomic } from './write-file.ts';

/** What is on file of a cluster. Written before the first change to the machine, so that `down` finds it all. */
export interface ClusterState {
  readonly plan: ClusterPlan;
  /** Values of the machine's own settings before `up` changed them, by sysctl name. */
  readonly sysctlBefore: Readonly<Record<string, string>>;
}

function statePath(dir: string): string {
  return `${dir}/cluster.json`;
}

/**
 * Reads the state of the cluster in `dir`; undefined when there is none.
 *
 * @throws ClusterError STATE_DAMAGED when the file is there and cannot be understood
 */
export async function readState(dir: string): Promise<ClusterState | undefined> {
  let text: string;
  try {
    text = await readFile(statePath(dir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const state = JSON.parse(text) as ClusterState;
    if (state.plan.version !== 1 || !Array.isArray(state.plan.nodes)) throw new Error('unknown version');
    return state;
  } catch (error) {
    throw new ClusterError(
      'STATE_DAMAGED',
      `cannot understand the cluster's state "${statePath(dir)}"`,
      error,
    );
  }
}

/** Puts the state on file; it is durable when this resolves. */
export async function writeState(state: ClusterState): Promise<void> {
  await mkdir(state.plan.dir, { recursive: true, mode: 0o755 });
  await writeFileAtomic(statePath(state.plan.dir), `${JSON.stringify(state, null, 2)}\n`);
}
