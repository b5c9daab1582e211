import type { Json } from '../values.ts';

/** Whether a pod that shares the host's namespace would set the host's own setting. */
export function isHostSysctl(name: string, spec: Json): boolean {
  const group = sysctlNamespace(name);
  return (spec['hostNetwork'] === true && group === 'net') || (spec['hostIPC'] === true && group === 'ipc');
}

/** The namespace of the kernel that a setting belongs to; absent when it is the machine's. */
export function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  const normalized = normalize(name);
  if (normalized.startsWith('net.')) return 'net';
  if (normalized === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(normalized)) return 'ipc';
  return undefined;
}

/** Names come with dots, or with slashes as in the file system, where a dot is part of a name. */
function normalize(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '/') return name;
  return name.replace(/[./]/g, (ch) => (ch === '/' ? '.' : '/'));
}
