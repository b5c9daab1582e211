import type { LinuxContainerResources } from '@coxswain/cri';
import { cpuAndMemory } from '../cm/linux-resources.ts';
import type { RuntimeContainer } from '../pleg/runtime-pod.ts';
import type { Container } from '../types.ts';

/** What it takes to give a running container the resources that its spec says. */
export type Resize =
  | { readonly kind: 'none' }
  | { readonly kind: 'update'; readonly resources: LinuxContainerResources }
  /** The container's policy for one of the changed resources. */
  | { readonly kind: 'restart' };

/** Compares what a running container has with what its spec says. */
export function resizeOf(container: Container, running: RuntimeContainer): Resize {
  const actual = running.raw.resources;
  // A runtime that does not tell what a container has cannot be told to change it either.
  if (!actual?.cpuShares) return { kind: 'none' };
  const wanted = cpuAndMemory(container.resources ?? {});
  const cpu = (wanted.cpuShares ?? 0) !== (actual.cpuShares ?? 0) || quotaOf(wanted) !== quotaOf(actual);
  const memory = (wanted.memoryLimitInBytes ?? 0) !== (actual.memoryLimitInBytes ?? 0);
  if (!cpu && !memory) return { kind: 'none' };
  const restarts = (resource: string): boolean =>
    container.resizePolicy?.find((p) => p.resourceName === resource)?.restartPolicy === 'RestartContainer';
  if ((cpu && restarts('cpu')) || (memory && restarts('memory'))) return { kind: 'restart' };
  return {
    kind: 'update',
    resources: {
      ...(wanted.cpuShares === undefined ? {} : { cpuShares: wanted.cpuShares }),
      cpuPeriod: wanted.cpuPeriod ?? 100_000,
      cpuQuota: wanted.cpuQuota ?? -1,
      ...(wanted.memoryLimitInBytes === undefined
        ? {}
        : {
            memoryLimitInBytes: wanted.memoryLimitInBytes,
            // Containers have no swap: their limit for both is that for memory.
            memorySwapLimitInBytes: wanted.memoryLimitInBytes,
          }),
    },
  };
}

/** Microseconds per 100 ms; 0 for none. */
function quotaOf(resources: LinuxContainerResources): number {
  return Math.max(0, resources.cpuQuota ?? 0);
}
