import type { KubeObject } from '@coxswain/machinery';

type Pod = KubeObject;

interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod['status']?.conditions?.find((condition: PodCondition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Neither ended nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isPodTerminal(pod: Pod): boolean {
  const phase = pod['status']?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Milliseconds until the pod has been ready for so many seconds; 0: it has; undefined: it is not ready. */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  if (ready.lastTransitionTime === undefined) return undefined;
  return Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now);
}

export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return untilAvailable(pod, minReadySeconds, now) === 0;
}

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** How many restarts the pod's containers count, the busiest one's. */
function mostRestarts(pod: Pod): number {
  return Math.max(
    0,
    ...(pod['status']?.containerStatuses ?? []).map((s: Record<string, any>) => s['restartCount'] ?? 0),
  );
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? '0';
  return /^[-+]?\d+$/.test(text) ? Number(text) : 0;
}

/** Whole powers of ten: pods of about one age are told apart by nothing but chance upstream, by name here. */
function ageBucket(time: string | undefined, now: number): number {
  return time === undefined ? 0 : Math.floor(Math.log2(Math.max(1, (now - Date.parse(time)) / 1e6)));
}

/**
 * Sorts pods so that those to delete first come first: not placed, not started, not ready, cheap, on crowded
 * nodes, ready for less time, restarted more often, young. Source: ActivePodsWithRanks upstream.
 */
export function sortForDeletion(
  pods: readonly Pod[],
  crowding: ReadonlyMap<string, number>,
  now: number,
): Pod[] {
  const keys = (pod: Pod): readonly number[] => {
    const node: string = pod['spec'].nodeName ?? '';
    const ready = podCondition(pod, 'Ready');
    return [
      node === '' ? 0 : 1,
      phaseRank[pod['status']?.phase ?? 'Pending'] ?? 1,
      ready?.status === 'True' ? 1 : 0,
      deletionCost(pod),
      -(crowding.get(node) ?? 0),
      ready?.status === 'True' ? ageBucket(ready.lastTransitionTime, now) : 0,
      -mostRestarts(pod),
      ageBucket(pod.metadata.creationTimestamp, now),
    ];
  };
  const ranked = pods.map((pod) => ({ pod, keys: keys(pod) }));
  ranked.sort((a, b) => {
    for (let i = 0; i < a.keys.length; i++) {
      const difference = (a.keys[i] as number) - (b.keys[i] as number);
      if (difference !== 0) return difference;
    }
    return (a.pod.metadata.uid as string) < (b.pod.metadata.uid as string) ? -1 : 1;
  });
  return ranked.map((entry) => entry.pod);
}
