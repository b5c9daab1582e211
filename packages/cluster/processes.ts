import { spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { type Clock, systemClock } from '@coxswain/machinery';
import { ClusterError } from './cluster-error.ts';
import { clusterMark, processStartTime } from './process-table.ts';
import { inNetns } from './run.ts';
import { writeFileAtomic } from './write-file.ts';

/** A program that the cluster keeps running. */
export interface ProcessSpec {
  /** Unique in the cluster, such as `server` or `agent-node-1`. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Path of the network namespace it runs in; the machine's own when absent. */
  readonly netns?: string;
}

/** What is known of a process that was started. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** Tells the process from a later one with the same id; see `processStartTime`. */
  readonly startTime: number;
  readonly command: readonly string[];
}

const pidDir = (dir: string): string => `${dir}/pids`;

export function logPath(dir: string, name: string): string {
  return `${dir}/logs/${name}.log`;
}

/** The record of a process and whether it runs; undefined when it was never started. */
export async function findProcess(
  dir: string,
  name: string,
): Promise<(ProcessRecord & { readonly running: boolean }) | undefined> {
  const text = await readFile(`${pidDir(dir)}/${name}.json`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as ProcessRecord;
  return { ...record, running: (await processStartTime(record.pid)) === record.startTime };
}

/** All recorded processes of the cluster in `dir`. */
export async function listProcesses(
  dir: string,
): Promise<readonly (ProcessRecord & { readonly running: boolean })[]> {
  const files = await readdir(pidDir(dir)).catch(() => []);
  const names = files.filter((f) => f.endsWith('.json')).map((f) => f.slice(0, -'.json'.length));
  const found = await Promise.all(names.sort().map((name) => findProcess(dir, name)));
  return found.filter((record) => record !== undefined);
}

/**
 * Starts a program that outlives this process, its output appended to `logs/NAME.log`; does nothing when it
 * already runs. Its environment bears the cluster's mark, so that `down` finds it and all it starts, even when
 * this process dies before the id is on file.
 */
export async function ensureProcess(dir: string, spec: ProcessSpec): Promise<ProcessRecord> {
  const before = await findProcess(dir, spec.name);
  if (before?.running) return before;
  await mkdir(pidDir(dir), { recursive: true });
  await mkdir(`${dir}/logs`, { recursive: true });
  const log = await open(logPath(dir, spec.name), 'a');
  try {
    const [program, ...args] = inNetns(spec.netns, spec.command) as [string, ...string[]];
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, ...spec.env, [clusterMark]: dir },
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid as number));
      child.once('error', (error) =>
        reject(new ClusterError('COMMAND_FAILED', `cannot start "${program}" for ${spec.name}`, error)),
      );
    });
    child.unref();
    const startTime = (await processStartTime(pid)) ?? 0;
    const record: ProcessRecord = { name: spec.name, pid, startTime, command: spec.command };
    await writeFileAtomic(`${pidDir(dir)}/${spec.name}.json`, `${JSON.stringify(record)}\n`);
    return record;
  } finally {
    await log.close();
  }
}

/** Stops processes: SIGTERM, and SIGKILL for those still there after `graceMs`. Resolves when none runs. */
export async function stopPids(
  pids: readonly number[],
  options: { readonly graceMs: number; readonly clock?: Clock },
): Promise<void> {
  const clock = options.clock ?? systemClock;
  const started = new Map<number, number>();
  for (const pid of pids) {
    const time = await processStartTime(pid);
    if (time !== undefined) started.set(pid, time);
  }
  const alive = async (): Promise<number[]> => {
    const left: number[] = [];
    for (const [pid, time] of started) if ((await processStartTime(pid)) === time) left.push(pid);
    return left;
  };
  const deadline = clock.monotonic() + options.graceMs;
  let left = await alive();
  if (options.graceMs > 0) signalAll(left, 'SIGTERM');
  while (left.length > 0 && clock.monotonic() < deadline) {
    await clock.sleep(10);
    left = await alive();
  }
  signalAll(left, 'SIGKILL');
  // The kernel ends a killed process at its own pace: one in an uninterruptible wait ends after it.
  const end = clock.monotonic() + 10_000;
  for (left = await alive(); left.length > 0; left = await alive()) {
    if (clock.monotonic() > end) {
      throw new ClusterError('BUSY', `the processes ${left.join(', ')} do not end after SIGKILL`);
    }
    await clock.sleep(5);
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
