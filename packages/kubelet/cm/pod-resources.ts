import type { Pod, ResourceRequirements } from '../types.ts';
import { bytes, milliCpu, milliCpuToQuota, milliCpuToShares } from './linux-resources.ts';

/** The limits of a pod's own cgroup. */
export interface PodCgroupLimits {
  readonly cpuShares: number;
  /** Microseconds per 100 ms; absent: none. */
  readonly cpuQuota?: number;
  /** Bytes; absent: none. */
  readonly memory?: number;
}

/** Requests or limits of the whole pod for one resource, as the scheduler counts them. */
export function podTotal(
  pod: Pod,
  kind: 'requests' | 'limits',
  resource: string,
  read: (quantity: string | undefined) => number,
): number {
  const whole = pod.spec.resources?.[kind]?.[resource];
  const overhead = read(pod.spec.overhead?.[resource]);
  if (whole !== undefined) return read(whole) + overhead;
  const of = (r: ResourceRequirements | undefined): number =>
    read(r?.[kind]?.[resource] ?? (kind === 'requests' ? r?.limits?.[resource] : undefined));
  let running = pod.spec.containers.reduce((sum, c) => sum + of(c.resources), 0);
  let sidecars = 0;
  let peak = 0;
  for (const init of pod.spec.initContainers ?? []) {
    if (init.restartPolicy === 'Always') {
      sidecars += of(init.resources);
      running += of(init.resources);
      peak = Math.max(peak, sidecars);
    } else peak = Math.max(peak, sidecars + of(init.resources));
  }
  return Math.max(running, peak) + overhead;
}

/** Upstream's ResourceConfigForPod: a limit holds for the pod only when every container has one. */
export function podCgroupLimits(pod: Pod): PodCgroupLimits {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const limited = (resource: string): boolean =>
    pod.spec.resources?.limits?.[resource] !== undefined ||
    all.every((c) => c.resources?.limits?.[resource] !== undefined);
  const cpu = limited('cpu') ? milliCpuToQuota(podTotal(pod, 'limits', 'cpu', milliCpu)) : 0;
  const memory = limited('memory') ? podTotal(pod, 'limits', 'memory', bytes) : 0;
  return {
    cpuShares: milliCpuToShares(podTotal(pod, 'requests', 'cpu', milliCpu)),
    ...(cpu > 0 ? { cpuQuota: cpu } : {}),
    ...(memory > 0 ? { memory } : {}),
  };
}
