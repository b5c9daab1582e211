import { parseQuantity } from '@coxswain/machinery';
import type { Pod, ResourceRequirements } from '../types.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const qosResources = ['cpu', 'memory'];

/** The pod's quality of service: what the API server wrote, computed as it does where it did not. */
export function qosOf(pod: Pod): QosClass {
  const given = pod.status.qosClass;
  if (given === 'Guaranteed' || given === 'Burstable' || given === 'BestEffort') return given;
  const whole = pod.spec.resources;
  if (whole?.requests || whole?.limits) return qosOfResources([whole]);
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return qosOfResources(containers.map((c) => c.resources ?? {}));
}

function qosOfResources(all: readonly ResourceRequirements[]): QosClass {
  let any = false;
  let guaranteed = true;
  for (const { requests, limits } of all) {
    for (const name of qosResources) {
      const request = positive(requests?.[name]);
      const limit = positive(limits?.[name]);
      if (request !== undefined || limit !== undefined) any = true;
      if (limit === undefined || (request !== undefined && request !== limit)) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function positive(quantity: string | undefined): bigint | undefined {
  if (quantity === undefined) return undefined;
  const milli = parseQuantity(quantity).milliValue();
  return milli > 0n ? milli : undefined;
}
