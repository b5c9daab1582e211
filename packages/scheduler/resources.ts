import { parseQuantity } from '@coxswain/machinery';
import type { Pod } from './types.ts';

/**
 * Amounts of resources by name. `cpu` is in thousandths of a core, all others in whole units (bytes, counts).
 * Doubles hold these exactly up to 2^53: 8 PiB of memory.
 */
export type Resources = Map<string, number>;

/** What a container without a request counts as when nodes are scored, so that such pods spread too. */
const defaultMilliCpu = 100;
const defaultMemoryBytes = 200 * 1024 * 1024;

const parsed = new Map<string, number>();
const parsedLimit = 10_000;

/** The amount of one quantity in the unit of `Resources`. */
export function amountOf(resource: string, text: string | number): number {
  // Few distinct quantities occur in a cluster, and parsing dominates the cost of a pod otherwise.
  const key = resource === 'cpu' ? `m${text}` : String(text);
  let amount = parsed.get(key);
  if (amount === undefined) {
    const quantity = parseQuantity(String(text));
    amount = Number(resource === 'cpu' ? quantity.milliValue() : quantity.value());
    if (parsed.size >= parsedLimit) parsed.clear();
    parsed.set(key, amount);
  }
  return amount;
}

/** A `resources.requests`, `capacity` or `allocatable` as amounts. */
export function resourcesOf(list: Readonly<Record<string, string>> | undefined): Resources {
  const out: Resources = new Map();
  for (const name in list) out.set(name, amountOf(name, list[name] as string));
  return out;
}

export function addTo(sum: Resources, more: Resources, sign = 1): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0) + sign * amount);
}

function raiseTo(most: Resources, other: Resources): void {
  for (const [name, amount] of other) if (amount > (most.get(name) ?? 0)) most.set(name, amount);
}

/**
 * What a pod asks of its node: the larger of all containers together with the sidecars, and of each init
 * container with the sidecars started before it; plus the overhead. Source: resource.PodRequests upstream.
 */
export function podRequests(pod: Pod, forScoring = false): Resources {
  const spec = pod['spec'];
  const sum: Resources = new Map();
  for (const container of spec.containers) addTo(sum, containerRequests(container, forScoring));
  const sidecars: Resources = new Map();
  const initPeak: Resources = new Map();
  for (const container of spec.initContainers ?? []) {
    const requests = containerRequests(container, forScoring);
    if (container.restartPolicy === 'Always') {
      addTo(sum, requests);
      addTo(sidecars, requests);
      raiseTo(initPeak, sidecars);
    } else {
      const together = new Map(requests);
      addTo(together, sidecars);
      raiseTo(initPeak, together);
    }
  }
  raiseTo(sum, initPeak);
  // Pod-level resources replace the sum of the containers' for what they name.
  for (const [name, amount] of resourcesOf(spec.resources?.requests)) sum.set(name, amount);
  if (spec.overhead) addTo(sum, resourcesOf(spec.overhead));
  return sum;
}

function containerRequests(
  container: { resources?: { requests?: Record<string, string> } },
  forScoring: boolean,
): Resources {
  const requests = resourcesOf(container.resources?.requests);
  if (forScoring) {
    if (!requests.has('cpu')) requests.set('cpu', defaultMilliCpu);
    if (!requests.has('memory')) requests.set('memory', defaultMemoryBytes);
  }
  return requests;
}
