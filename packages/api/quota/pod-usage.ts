import { type KubeObject, parseQuantity, Quantity } from '@coxswain/machinery';
import { aggregateContainerResources, type QuantityMap } from '../pod-resources.ts';

/** What a pod asks for: its containers, or its own request where it has one, and its overhead. */
export function podRequests(spec: Record<string, any>): QuantityMap {
  return podResources(spec, 'requests');
}

/** What a pod is limited to. Overhead counts only beside a limit. */
export function podLimits(spec: Record<string, any>): QuantityMap {
  return podResources(spec, 'limits');
}

function podResources(spec: Record<string, any>, member: 'requests' | 'limits'): QuantityMap {
  const out = aggregateContainerResources(spec, member);
  for (const [name, text] of Object.entries<string>(spec['resources']?.[member] ?? {})) {
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) out[name] = parseQuantity(text);
  }
  for (const [name, text] of Object.entries<string>(spec['overhead'] ?? {})) {
    const before = out[name];
    if (before !== undefined) out[name] = before.add(parseQuantity(text));
    else if (member === 'requests') out[name] = parseQuantity(text);
  }
  return out;
}

const plain = ['cpu', 'memory', 'ephemeral-storage'];
const one = Quantity.fromValue(1);

/** A pod's use of quota, as upstream counts it. `now` is in milliseconds since 1970. */
export function podUsage(pod: KubeObject, now: number): QuantityMap {
  const usage: QuantityMap = { 'count/pods': one };
  if (!holdsResources(pod, now)) return usage;
  usage['pods'] = one;
  for (const [name, amount] of Object.entries(podRequests(pod['spec'] ?? {}))) {
    if (plain.includes(name) || name.startsWith('hugepages-')) usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(podLimits(pod['spec'] ?? {}))) {
    if (plain.includes(name)) usage[`limits.${name}`] = amount;
  }
  return usage;
}

/** Pods that have ended, or whose time to end is over, hold no more than their place in the store. */
function holdsResources(pod: KubeObject, now: number): boolean {
  const phase = pod['status']?.['phase'];
  if (phase === 'Succeeded' || phase === 'Failed') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + Number(deletionGracePeriodSeconds) * 1000;
}

/** Resources of which a quota makes every container say how much it wants. */
const compulsory = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** What the quota's resources demand and the pod's containers leave out, with upstream's text. */
export function podConstraintFault(pod: KubeObject, resources: readonly string[]): string | undefined {
  const wanted = resources.filter((name) => compulsory.includes(name));
  const spec = pod['spec'] ?? {};
  const missing = new Map<string, string[]>();
  for (const container of [...(spec['containers'] ?? []), ...(spec['initContainers'] ?? [])]) {
    for (const name of wanted) {
      const [member, resource] = name.startsWith('limits.')
        ? (['limits', name.slice(7)] as const)
        : (['requests', name.replace('requests.', '')] as const);
      if (podLevel(spec, member, resource) || container['resources']?.[member]?.[resource] !== undefined)
        continue;
      missing.set(name, [...(missing.get(name) ?? []), container['name']]);
    }
  }
  if (missing.size === 0) return undefined;
  const parts = [...missing.keys()].sort().map((name) => `${name} for: ${missing.get(name)?.join(',')}`);
  return `must specify ${parts.join('; ')}`;
}

function podLevel(spec: Record<string, any>, member: string, resource: string): boolean {
  return spec['resources']?.[member]?.[resource] !== undefined;
}
