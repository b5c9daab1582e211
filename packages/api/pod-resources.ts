import { parseQuantity, type Quantity } from '@coxswain/machinery';
import type { Json } from './validation/values.ts';

/** Quantities by resource name. */
export type QuantityMap = Record<string, Quantity>;

/**
 * What the containers of a pod spec need together: the sum of the regular ones and the sidecars, or what an
 * init container needs beside the sidecars started before it, whichever is more (AggregateContainerRequests
 * and AggregateContainerLimits). Overhead and pod-level resources are left out.
 */
export function aggregateContainerResources(spec: Json, member: 'requests' | 'limits'): QuantityMap {
  const sum: QuantityMap = {};
  const initMax: QuantityMap = {};
  const sidecars: QuantityMap = {};
  for (const container of spec['containers'] ?? []) add(sum, read(container, member));
  for (const container of spec['initContainers'] ?? []) {
    const own = read(container, member);
    if (container.restartPolicy === 'Always') {
      add(sum, own);
      add(sidecars, own);
      max(initMax, sidecars);
    } else {
      const during: QuantityMap = { ...sidecars };
      add(during, own);
      max(initMax, during);
    }
  }
  max(sum, initMax);
  return sum;
}

function read(container: Json, member: string): QuantityMap {
  const out: QuantityMap = {};
  const list: Record<string, string> = container['resources']?.[member] ?? {};
  for (const name of Object.keys(list)) out[name] = parseQuantity(list[name]!);
  return out;
}

function add(into: QuantityMap, more: QuantityMap): void {
  for (const name of Object.keys(more)) {
    const before = into[name];
    into[name] = before == null ? more[name]! : before.add(more[name]!);
  }
}

function max(into: QuantityMap, other: QuantityMap): void {
  for (const name of Object.keys(other)) {
    const before = into[name];
    if (before == null || other[name]!.compare(before) > 0) into[name] = other[name]!;
  }
}
