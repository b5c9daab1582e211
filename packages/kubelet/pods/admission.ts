import { matchesPodNodeAffinity } from '@coxswain/api';
import { parseQuantity } from '@coxswain/machinery';
import { bytes, milliCpu } from '../cm/linux-resources.ts';
import { podTotal } from '../cm/pod-resources.ts';
import type { Node, Pod } from '../types.ts';
import { isCriticalPod, isStaticPod } from './pod-names.ts';
import { admitSysctls } from './sysctls.ts';

/** Why a pod may not run on this node. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** Upstream's general predicates: resources, the node's name and labels, host ports. */
export function admitPod(pod: Pod, others: readonly Pod[], node: Node | undefined): Rejection | undefined {
  if (!node) return undefined;
  const maxPods = Number(node.status?.allocatable?.['pods'] ?? 110);
  if (others.length + 1 > maxPods) {
    return outOf({ resource: 'pods', requested: 1, used: others.length, capacity: maxPods });
  }
  // A critical pod takes its room from others; whoever runs here has been told.
  const short = isCriticalPod(pod) && isStaticPod(pod) ? undefined : resourceShortage(pod, others, node);
  if (short) return outOf(short);
  if (!matchesPodNodeAffinity(pod, node)) {
    return {
      reason: 'NodeAffinity',
      message:
        "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    };
  }
  if (hostPortsClash(pod, others)) {
    return {
      reason: 'NodePorts',
      message:
        "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    };
  }
  return admitSysctls(pod);
}

function requestedResources(pod: Pod): readonly string[] {
  const names = new Set(Object.keys(pod.spec.resources?.requests ?? {}));
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    for (const [name, amount] of Object.entries(container.resources?.requests ?? {})) {
      if (parseQuantity(amount).milliValue() > 0n) names.add(name);
    }
  }
  return [...names];
}

function outOf({ resource, requested, used, capacity }: Shortage): Rejection {
  return {
    reason: `OutOf${resource}`,
    message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}

/** A resource that there is too little of; CPU in thousandths. */
export interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/** The first resource of which the node has not enough left for the pod beside the others. */
export function resourceShortage(pod: Pod, others: readonly Pod[], node: Node): Shortage | undefined {
  const allocatable = node.status?.allocatable ?? {};
  for (const resource of requestedResources(pod)) {
    const read = resource === 'cpu' ? milliCpu : bytes;
    const requested = podTotal(pod, 'requests', resource, read);
    const used = others.reduce((sum, other) => sum + podTotal(other, 'requests', resource, read), 0);
    const capacity = read(allocatable[resource]);
    if (requested > 0 && used + requested > capacity) return { resource, requested, used, capacity };
  }
  return undefined;
}

function hostPortsClash(pod: Pod, others: readonly Pod[]): boolean {
  const mine = hostPorts(pod);
  if (mine.length === 0) return false;
  return others.flatMap(hostPorts).some((taken) => mine.some((port) => clashes(port, taken)));
}

interface HostPort {
  readonly ip: string;
  readonly port: number;
  readonly protocol: string;
}

function hostPorts(pod: Pod): HostPort[] {
  return pod.spec.containers
    .flatMap((c) => c.ports ?? [])
    .filter((p) => (p.hostPort ?? 0) > 0)
    .map((p) => ({ ip: p.hostIP || '0.0.0.0', port: p.hostPort ?? 0, protocol: p.protocol ?? 'TCP' }));
}

function clashes(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
}
