import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodCgroupLimits } from './pod-resources.ts';

/** Makes, limits and removes the cgroups above the containers'. */
export interface CgroupManager {
  /** Makes the cgroup in all hierarchies and sets its limits; `limits` absent: leaves them. */
  ensure(path: string, limits?: PodCgroupLimits): Promise<void>;
  /** Removes the cgroup and what is below it; nothing runs in it any more. Idempotent. */
  remove(path: string): Promise<void>;
  /** Names of the cgroups right below, such as `pod<uid>`. */
  children(path: string): Promise<readonly string[]>;
}

/** For nodes without cgroups. */
export const noCgroups: CgroupManager = {
  ensure: async () => {},
  remove: async () => {},
  children: async () => [],
};

/** The machine's cgroups below /sys/fs/cgroup: all version 1 hierarchies, or the one of version 2. */
export function machineCgroups(mount = '/sys/fs/cgroup'): CgroupManager {
  return existsSync(join(mount, 'cgroup.controllers')) ? new CgroupV2(mount) : new CgroupV1(mount);
}

class CgroupV1 implements CgroupManager {
  readonly #mount: string;
  #known: Promise<readonly string[]> | undefined;

  constructor(mount: string) {
    this.#mount = mount;
  }

  async ensure(path: string, limits?: PodCgroupLimits): Promise<void> {
    for (const hierarchy of await this.#hierarchies()) {
      await mkdir(join(this.#mount, hierarchy, path), { recursive: true });
      if (hierarchy === 'cpuset') await this.#inheritCpuset(path);
    }
    if (!limits) return;
    const set = (hierarchy: string, file: string, value: number): Promise<void> =>
      writeFile(join(this.#mount, hierarchy, path, file), String(value));
    await set('cpu', 'cpu.shares', limits.cpuShares);
    if (limits.cpuQuota !== undefined) await set('cpu', 'cpu.cfs_period_us', 100_000);
    await set('cpu', 'cpu.cfs_quota_us', limits.cpuQuota ?? -1);
    await set('memory', 'memory.limit_in_bytes', limits.memory ?? -1);
  }

  async remove(path: string): Promise<void> {
    for (const hierarchy of await this.#hierarchies()) await removeTree(join(this.#mount, hierarchy, path));
  }

  children(path: string): Promise<readonly string[]> {
    return directories(join(this.#mount, 'memory', path));
  }

  /** One directory a hierarchy; names with commas are links to hierarchies of several controllers. */
  #hierarchies(): Promise<readonly string[]> {
    this.#known ??= directories(this.#mount).then((names) => names.filter((name) => !name.includes(',')));
    return this.#known;
  }

  /** A new cpuset is empty, and nothing may run in an empty one. */
  async #inheritCpuset(path: string): Promise<void> {
    const parts = path.split('/').filter((p) => p !== '');
    for (let depth = 1; depth <= parts.length; depth++) {
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        const own = join(this.#mount, 'cpuset', ...parts.slice(0, depth), file);
        if ((await readFile(own, 'utf8')).trim() !== '') continue;
        const parent = join(this.#mount, 'cpuset', ...parts.slice(0, depth - 1), file);
        await writeFile(own, (await readFile(parent, 'utf8')).trim());
      }
    }
  }
}

class CgroupV2 implements CgroupManager {
  readonly #mount: string;

  constructor(mount: string) {
    this.#mount = mount;
  }

  async ensure(path: string, limits?: PodCgroupLimits): Promise<void> {
    await mkdir(join(this.#mount, path), { recursive: true });
    const parts = path.split('/').filter((p) => p !== '');
    const available = (await readFile(join(this.#mount, 'cgroup.controllers'), 'utf8')).trim().split(' ');
    const enable = ['cpu', 'cpuset', 'memory', 'pids', 'io'].filter((c) => available.includes(c));
    for (let depth = 0; depth <= parts.length; depth++) {
      const control = join(this.#mount, ...parts.slice(0, depth), 'cgroup.subtree_control');
      await writeFile(control, enable.map((c) => `+${c}`).join(' '));
    }
    if (!limits) return;
    const set = (file: string, value: string): Promise<void> =>
      writeFile(join(this.#mount, path, file), value);
    await set('cpu.weight', String(sharesToWeight(limits.cpuShares)));
    await set('cpu.max', `${limits.cpuQuota ?? 'max'} 100000`);
    await set('memory.max', String(limits.memory ?? 'max'));
  }

  remove(path: string): Promise<void> {
    return removeTree(join(this.#mount, path));
  }

  children(path: string): Promise<readonly string[]> {
    return directories(join(this.#mount, path));
  }
}

/** The mapping of 2..262144 shares to 1..10000 weight that keeps 1024 shares at weight 100. */
function sharesToWeight(shares: number): number {
  const l = Math.log2(shares);
  const exponent = (l * l + 125 * l) / 612 - 7 / 34;
  return Math.min(10_000, Math.max(1, Math.ceil(10 ** exponent)));
}

async function directories(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((e) => e.isDirectory()).map((e) => e.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function removeTree(path: string): Promise<void> {
  // Mostly the runtime has removed what was below.
  if (await removeEmpty(path)) return;
  for (const child of await directories(path)) await removeTree(join(path, child));
  await rmdir(path);
}

/** False when there is something in it. */
async function removeEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    // What a cgroup with children gives.
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false;
    throw error;
  }
}
