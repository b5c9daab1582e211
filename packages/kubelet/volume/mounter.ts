import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ImageMount } from '@coxswain/cri';

const run = promisify(execFile);

/** Mounts and unmounts by the machine's own commands. */
export interface Mounter {
  /** @param sizeBytes 0 for the kernel's own limit */
  mountTmpfs(path: string, sizeBytes: number): Promise<void>;
  /** Mounts what a runtime says. */
  mount(path: string, what: ImageMount): Promise<void>;
  /** Does nothing when nothing is mounted there. */
  unmount(path: string): Promise<void>;
  isMountPoint(path: string): Promise<boolean>;
  /** Mount points at or below the path, deepest first. */
  mountsBelow(path: string): Promise<readonly string[]>;
}

export const systemMounter: Mounter = {
  async mountTmpfs(path, sizeBytes) {
    const options = sizeBytes > 0 ? ['-o', `size=${sizeBytes}`] : [];
    await run('mount', ['-t', 'tmpfs', ...options, 'tmpfs', path]);
  },
  async mount(path, { type, source, options }) {
    const bind = options.some((o) => o === 'bind' || o === 'rbind');
    const kind = bind || type === 'bind' ? [] : ['-t', type];
    const all = type === 'bind' && !bind ? ['bind', ...options] : options;
    await run('mount', [...kind, '-o', all.join(','), source, path]);
  },
  async unmount(path) {
    if (!(await this.isMountPoint(path))) return;
    try {
      await run('umount', [path]);
    } catch (error) {
      // Somebody else may have been quicker.
      if (await this.isMountPoint(path)) throw error;
    }
  },
  async isMountPoint(path) {
    return (await mountPoints()).includes(path);
  },
  async mountsBelow(path) {
    const below = (await mountPoints()).filter((p) => p === path || p.startsWith(`${path}/`));
    return below.sort((a, b) => b.length - a.length);
  },
};

async function mountPoints(): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  return text
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((path) => path !== undefined)
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}
