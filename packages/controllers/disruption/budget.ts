import { deepEqual, formatTime, type KubeObject } from '@coxswain/machinery';
import { isPodReady } from '../shared/pod-state.ts';
import { scaledValue } from '../shared/scaled-value.ts';

/** An eviction that was granted is waited for so long; then the pod counts again. */
export const deletionTimeoutMs = 2 * 60_000;

type Budget = KubeObject;
type Times = Readonly<Record<string, string>>;

/** How many pods a budget expects, and how many of them it wants healthy. */
export interface Wanted {
  readonly expected: number;
  readonly healthy: number;
}

/** Whether the number of pods has to be asked of their controllers. */
export function needsScale(budget: Budget): boolean {
  const { minAvailable, maxUnavailable } = budget['spec'];
  return maxUnavailable !== undefined || typeof minAvailable === 'string';
}

/** `count` is of pods for a plain `minAvailable`, else the sum of what their controllers want. Pure. */
export function wantedOf(budget: Budget, count: number): Wanted {
  const { minAvailable, maxUnavailable } = budget['spec'];
  if (maxUnavailable !== undefined) {
    return { expected: count, healthy: Math.max(0, count - scaledValue(maxUnavailable, count, true)) };
  }
  return { expected: count, healthy: scaledValue(minAvailable ?? 1, count, true) };
}

/** Pods whose eviction was granted and is still to come, by name, and those it was waited for in vain. Pure. */
export function disruptedPods(
  budget: Budget,
  pods: readonly KubeObject[],
  now: number,
): {
  readonly disrupted: Times;
  readonly late: readonly KubeObject[];
  readonly recheckMs: number | undefined;
} {
  const granted: Times = budget['status']?.disruptedPods ?? {};
  const disrupted: Record<string, string> = {};
  const late: KubeObject[] = [];
  let recheckMs: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name as string;
    const time = granted[name];
    if (time === undefined || pod.metadata.deletionTimestamp) continue;
    const left = Date.parse(time) + deletionTimeoutMs - now;
    if (left < 0) {
      late.push(pod);
      continue;
    }
    disrupted[name] = time;
    recheckMs = Math.min(recheckMs ?? left, left);
  }
  return { disrupted, late, recheckMs };
}

/** Ready pods that are neither deleted nor about to be. */
export function healthyCount(pods: readonly KubeObject[], disrupted: Times): number {
  return pods.filter(
    (pod) =>
      !pod.metadata.deletionTimestamp &&
      disrupted[pod.metadata.name as string] === undefined &&
      isPodReady(pod),
  ).length;
}

/** The status; the same object when nothing changes. Pure. */
export function budgetStatus(
  budget: Budget,
  { expected, healthy }: Wanted,
  current: number,
  disrupted: Times,
  now: number,
): Readonly<Record<string, any>> {
  const allowed = expected <= 0 ? 0 : Math.max(0, current - healthy);
  const status = {
    observedGeneration: budget.metadata.generation,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: current,
    desiredHealthy: healthy,
    expectedPods: expected,
    conditions: conditionsWith(
      budget,
      allowed > 0,
      allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      '',
      now,
    ),
  };
  return deepEqual(status, budget['status']) ? budget['status'] : status;
}

/** A budget that cannot be worked out allows nothing. */
export function failedStatus(budget: Budget, message: string, now: number): Readonly<Record<string, any>> {
  return {
    ...budget['status'],
    disruptionsAllowed: 0,
    conditions: conditionsWith(budget, false, 'SyncFailed', message, now),
  };
}

function conditionsWith(
  budget: Budget,
  allowed: boolean,
  reason: string,
  message: string,
  now: number,
): readonly Record<string, any>[] {
  const type = 'DisruptionAllowed';
  const held: readonly Record<string, any>[] = budget['status']?.conditions ?? [];
  const before = held.find((condition) => condition['type'] === type);
  const status = allowed ? 'True' : 'False';
  const condition = {
    type,
    status,
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: before?.['status'] === status ? before['lastTransitionTime'] : formatTime(now),
    reason,
    message,
  };
  return before ? held.map((each) => (each === before ? condition : each)) : [...held, condition];
}
