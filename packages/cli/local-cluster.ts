import { join, resolve } from 'node:path';
import type { FlagSpecs, Flags } from './flags.ts';

/** Where the local cluster lies, for all commands that work on it. */
export const localFlags = {
  dir: {
    type: 'string',
    help: 'Folder of the cluster (default $COXSWAIN_DIR, or /var/lib/coxswain as root)',
  },
} as const satisfies FlagSpecs;

export function clusterDir(flags: Flags): string {
  const given = flags.string('dir') ?? process.env['COXSWAIN_DIR'];
  if (given !== undefined) return resolve(given);
  if (process.getuid?.() === 0) return '/var/lib/coxswain';
  const state = process.env['XDG_STATE_HOME'] ?? join(process.env['HOME'] ?? '/tmp', '.local', 'state');
  return join(state, 'coxswain');
}

/** The administrator's kubeconfig of the cluster in `dir`. */
export function adminKubeconfigPath(dir: string): string {
  return join(dir, 'server', 'admin.kubeconfig');
}

/** A node's credentials, which the server writes for the agents of this machine. */
export function nodeKubeconfigPath(dir: string, node: string): string {
  return join(dir, 'server', 'nodes', `${node}.kubeconfig`);
}
