import { readdir, readFile } from 'node:fs/promises';

/** The environment variable that marks every process of a cluster with the cluster's directory. */
export const clusterMark = 'COXSWAIN_CLUSTER_DIR';

/**
 * When a process was started, in clock ticks since boot, or undefined when there is none of that id (or it is
 * a zombie). With the id it names a process for good: ids are used again, ids with start times are not.
 */
export async function processStartTime(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold anything; the rest has no parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
}

/** Ids of the processes whose environment carries the mark of `dir`, but for this one and its ancestors. */
export async function markedProcesses(dir: string): Promise<number[]> {
  const own = await ancestors(process.pid);
  const wanted = `${clusterMark}=${dir}`;
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || own.has(pid)) continue;
    // A process that is gone, or of another user, is none of ours.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(wanted)) found.push(pid);
  }
  return found;
}

/** Ids of the processes that have `argument` among the arguments of their command line. */
export async function processesWithArgument(argument: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    // A process that ended meanwhile has no command line.
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.split('\0').includes(argument)) found.push(pid);
  }
  return found;
}

async function ancestors(pid: number): Promise<Set<number>> {
  const found = new Set<number>();
  for (let at = pid; at > 0 && !found.has(at); ) {
    found.add(at);
    const stat = await readFile(`/proc/${at}/stat`, 'utf8').catch(() => '');
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return found;
}
