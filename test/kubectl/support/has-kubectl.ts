import { execFileSync } from 'node:child_process';

/** Whether there is an official kubectl to compare with. */
export function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    // No kubectl on this machine: there is nothing to compare with.
    return false;
  }
}
