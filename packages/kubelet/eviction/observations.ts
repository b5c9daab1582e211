import { readFile, statfs } from 'node:fs/promises';
import type { Runtime } from '@coxswain/cri';
import type { Observation, Signal } from './thresholds.ts';

/** Measures the machine. */
export async function observeMachine(
  rootDir: string,
  runtime: Runtime,
): Promise<ReadonlyMap<Signal, Observation>> {
  const observed = new Map<Signal, Observation>();
  const memory = parseMeminfo(await readFile('/proc/meminfo', 'utf8'));
  if (memory) observed.set('memory.available', memory);
  const node = await statfs(rootDir);
  observed.set('nodefs.available', {
    available: node.bavail * node.bsize,
    capacity: node.blocks * node.bsize,
  });
  // Some file systems do not count them.
  if (node.files > 0) observed.set('nodefs.inodesFree', { available: node.ffree, capacity: node.files });
  const mountpoint = (await runtime.imageFsInfo())[0]?.mountpoint;
  if (mountpoint) {
    const images = await statfs(mountpoint);
    const { bavail, blocks, bsize } = images;
    observed.set('imagefs.available', { available: bavail * bsize, capacity: blocks * bsize });
  }
  const [pidMax, loadavg] = await Promise.all([
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
    readFile('/proc/loadavg', 'utf8'),
  ]);
  const threads = Number(loadavg.split(' ')[3]?.split('/')[1] ?? 0);
  observed.set('pid.available', { available: Number(pidMax) - threads, capacity: Number(pidMax) });
  return observed;
}

/** Bytes from the kernel's table in kB. */
export function parseMeminfo(text: string): Observation | undefined {
  const kilobytes = (name: string): number | undefined => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
    return match ? Number(match[1]) * 1024 : undefined;
  };
  const available = kilobytes('MemAvailable');
  const capacity = kilobytes('MemTotal');
  return available === undefined || capacity === undefined ? undefined : { available, capacity };
}
