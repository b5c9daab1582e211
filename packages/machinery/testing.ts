import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 5;

/**
 * Resolves when a condition holds; the test's own limit ends it otherwise. For what tells nobody that it has changed:
 * files, other processes, the kernel. Keeps the process alive meanwhile.
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(pollMs);
}
