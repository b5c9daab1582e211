import { parseQuantity } from '@coxswain/machinery';
import type { Json } from '../values.ts';

export type QOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const compute = ['cpu', 'memory'];

/** The class a pod's resources put it into (ComputePodQOS). */
export function computePodQOS(pod: Json): QOSClass {
  const spec: Json = pod['spec'];
  const requests = new Map<string, bigint>();
  const limits = new Map<string, bigint>();
  let guaranteed = true;
  const own: Json | undefined = spec['resources'];
  if (own != null && hasAny(own)) {
    collect(requests, own['requests']);
    guaranteed = collect(limits, own['limits']) === compute.length;
  } else {
    for (const list of [spec['containers'], spec['initContainers']]) {
      for (const container of list ?? []) {
        collect(requests, container.resources?.requests);
        if (collect(limits, container.resources?.limits) < compute.length) guaranteed = false;
      }
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  if (guaranteed && requests.size === limits.size) {
    const equal = [...requests].every(([name, value]) => limits.get(name) === value);
    if (equal) return 'Guaranteed';
  }
  return 'Burstable';
}

/** The class in the status, or the computed one for pods of old. */
export function getPodQOS(pod: Json): QOSClass {
  return pod['status']?.qosClass ?? computePodQOS(pod);
}

function hasAny(resources: Json): boolean {
  for (const member of ['requests', 'limits']) {
    for (const name of compute) if (resources[member]?.[name] != null) return true;
  }
  return false;
}

/** Sums up what is not zero; gives how many of the compute resources were. */
function collect(into: Map<string, bigint>, list: Record<string, string> | undefined): number {
  let found = 0;
  if (list == null) return found;
  for (const name of compute) {
    const text = list[name];
    if (text == null || text === '0') continue;
    const value = parseQuantity(text).milliValue();
    if (value === 0n) continue;
    found++;
    into.set(name, (into.get(name) ?? 0n) + value);
  }
  return found;
}
