import { readdir, readFile } from 'node:fs/promises';
import { tryRun } from './run.ts';

/** The environment variable that marks every process of a cluster with the cluster's directory. */
export const clusterMark = 'COXSWAIN_CLUSTER_DIR';

/**
 * When a process was started, as a number that only equals itself, or undefined when there is none of that id (or it is
 * a zombie). With the id it names a process for good: ids are used again, ids with start times are not.
 */
export async function processStartTime(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return startTimeByPs(pid);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold anything; the rest has no parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
}

/** Ids of the processes whose environment carries the mark of `dir`, but for this one and its ancestors. */
export async function markedProcesses(dir: string): Promise<number[]> {
  if (process.platform !== 'linux') return markedByPs(dir);
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

/** Elsewhere than on Linux there is no /proc, but `ps`, of which the BSD and macOS forms are meant here. */
async function startTimeByPs(pid: number): Promise<number | undefined> {
  const { status, stdout } = await tryRun(['ps', '-o', 'stat=,lstart=', '-p', String(pid)]);
  const [state = 'Z', ...started] = stdout.trim().split(/\s+/);
  return status !== 0 || state.startsWith('Z') ? undefined : Date.parse(started.join(' '));
}

async function markedByPs(dir: string): Promise<number[]> {
  const { stdout } = await tryRun(['ps', '-axEww', '-o', 'pid=,command=']);
  const marked = stdout.split('\n').filter((line) => `${line} `.includes(` ${clusterMark}=${dir} `));
  return marked.map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid);
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
