import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { type Clock, systemClock } from '@coxswain/machinery';

/** Mount points of all cgroup hierarchies: the one of version 2, and each of version 1. */
async function cgroupMounts(): Promise<readonly string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const rows = mounts.split('\n').map((line) => line.split(' '));
  return rows.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map((row) => row[1] as string);
}

/** Ids of all processes in a cgroup and below, over all hierarchies. */
export async function cgroupProcesses(path: string): Promise<readonly number[]> {
  const pids = new Set<number>();
  for (const mount of await cgroupMounts()) {
    for (const folder of await treeOf(`${mount}/${path}`)) {
      const text = await readFile(`${folder}/cgroup.procs`, 'utf8').catch(() => '');
      for (const line of text.split('\n')) if (line !== '') pids.add(Number(line));
    }
  }
  return [...pids];
}

/** Makes a cgroup in every hierarchy; does nothing where it is there. */
export async function ensureCgroup(path: string): Promise<void> {
  for (const mount of await cgroupMounts()) await mkdir(`${mount}${path}`, { recursive: true });
}

/** Removes a cgroup and all below from every hierarchy; its processes must be gone or going. */
export async function removeCgroup(path: string, clock: Clock = systemClock): Promise<void> {
  for (const mount of await cgroupMounts()) {
    // Deepest first; a cgroup goes away shortly after its last process did.
    for (const folder of (await treeOf(`${mount}/${path}`)).reverse()) {
      const deadline = clock.monotonic() + 5_000;
      for (;;) {
        try {
          await rmdir(folder);
          break;
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code;
          if (code === 'ENOENT') break;
          if (code !== 'EBUSY' || clock.monotonic() > deadline) throw error;
          await clock.sleep(10);
        }
      }
    }
  }
}

/** A folder and all below it, parents first; empty when it is not there. */
async function treeOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const found = [folder];
  for (const entry of entries) {
    if (entry.isDirectory()) found.push(...(await treeOf(`${folder}/${entry.name}`)));
  }
  return found;
}
