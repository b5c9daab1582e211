import { mkdir, readFile } from 'node:fs/promises';
import { run, tryRun } from './run.ts';

/** Mount points at or below `dir`, deepest first. */
export async function mountsBelow(dir: string): Promise<readonly string[]> {
  const info = await readFile('/proc/self/mountinfo', 'utf8');
  const points = info
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => unescapeMountPath(line.split(' ')[4] as string))
    .filter((point) => point === dir || point.startsWith(`${dir}/`));
  return points.reverse();
}

/** The kernel writes space, tab, newline and backslash of a path in octal. */
function unescapeMountPath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Unmounts all at or below `dir`, also what is still in use: that goes when its last user goes. */
export async function unmountBelow(dir: string): Promise<void> {
  // A lazy unmount of a parent takes its children along, so that some are already gone when their turn comes.
  for (const point of await mountsBelow(dir)) await tryRun(['umount', '--lazy', point]);
  const left = await mountsBelow(dir);
  if (left.length > 0) await run(['umount', '--recursive', '--lazy', left.at(-1) as string]);
}

/**
 * Makes a folder a mount point of its own with shared propagation: what is mounted below it by a node's
 * kubelet shows in containers that ask for it, and the reverse.
 */
export async function ensureSharedMount(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!(await mountsBelow(folder)).includes(folder)) await run(['mount', '--bind', folder, folder]);
  await run(['mount', '--make-rshared', folder]);
}
