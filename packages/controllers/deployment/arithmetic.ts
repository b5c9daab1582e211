import type { KubeObject } from '@coxswain/machinery';
import { scaledValue } from '../shared/scaled-value.ts';

export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** A ReplicaSet and the size it should get. */
export interface Resize {
  readonly replicaSet: KubeObject;
  readonly replicas: number;
}

function rollingUpdate(deployment: KubeObject): {
  maxSurge?: number | string;
  maxUnavailable?: number | string;
} {
  return deployment['spec'].strategy?.rollingUpdate ?? {};
}

function isRolling(deployment: KubeObject): boolean {
  return deployment['spec'].strategy?.type === 'RollingUpdate';
}

export function desiredReplicas(deployment: KubeObject): number {
  return deployment['spec'].replicas ?? 1;
}

export function maxSurge(deployment: KubeObject): number {
  return isRolling(deployment)
    ? scaledValue(rollingUpdate(deployment).maxSurge, desiredReplicas(deployment), true)
    : 0;
}

/** Never 0 together with a surge of 0: nothing could move then. */
export function maxUnavailable(deployment: KubeObject): number {
  const desired = desiredReplicas(deployment);
  if (!isRolling(deployment) || desired === 0) return 0;
  const surge = scaledValue(rollingUpdate(deployment).maxSurge, desired, true);
  const unavailable = scaledValue(rollingUpdate(deployment).maxUnavailable, desired, false);
  return Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, desired);
}

export function sumReplicas(sets: readonly KubeObject[]): number {
  return sets.reduce((sum, set) => sum + (set['spec'].replicas ?? 0), 0);
}

export function sumStatus(sets: readonly KubeObject[], field: string): number {
  return sets.reduce((sum, set) => sum + (set['status']?.[field] ?? 0), 0);
}

/** How large the new ReplicaSet may be now. */
export function newReplicaSetSize(
  deployment: KubeObject,
  all: readonly KubeObject[],
  fresh: KubeObject,
): number {
  const desired = desiredReplicas(deployment);
  if (!isRolling(deployment)) return desired;
  const current: number = fresh['spec'].replicas ?? 0;
  const room = desired + maxSurge(deployment) - sumReplicas(all);
  if (room <= 0) return current;
  return current + Math.min(room, Math.max(0, desired - current));
}

/**
 * Which old ReplicaSets shrink to what, such that enough pods stay available: first those pods that are not
 * available anyway, then available ones as far as the new ones have become available.
 */
export function shrinkOld(
  deployment: KubeObject,
  all: readonly KubeObject[],
  old: readonly KubeObject[],
  fresh: KubeObject,
): Resize[] {
  const leastAvailable = desiredReplicas(deployment) - maxUnavailable(deployment);
  const freshUnavailable = (fresh['spec'].replicas ?? 0) - (fresh['status']?.availableReplicas ?? 0);
  let cleanable = sumReplicas(all) - leastAvailable - freshUnavailable;
  if (sumReplicas(old) === 0 || cleanable <= 0) return [];
  const sizes = new Map(old.map((set) => [set, set['spec'].replicas ?? 0] as const));
  const byAge = [...old].sort(byCreation);
  for (const set of byAge) {
    const size = sizes.get(set) as number;
    const unhealthy = size - (set['status']?.availableReplicas ?? 0);
    const taken = Math.min(cleanable, Math.max(0, unhealthy));
    sizes.set(set, size - taken);
    cleanable -= taken;
  }
  let removable = sumStatus(all, 'availableReplicas') - leastAvailable;
  for (const set of byAge) {
    if (removable <= 0) break;
    const size = sizes.get(set) as number;
    const taken = Math.min(removable, size);
    sizes.set(set, size - taken);
    removable -= taken;
  }
  return resizes(sizes);
}

/** A deployment that was scaled in the middle of a rollout: every ReplicaSet gets its share of the change. */
export function scaleProportionally(
  deployment: KubeObject,
  old: readonly KubeObject[],
  fresh: KubeObject | undefined,
): Resize[] {
  const all = fresh ? [...old, fresh] : [...old];
  const active = all.filter((set) => (set['spec'].replicas ?? 0) > 0);
  const desired = desiredReplicas(deployment);
  const total = sumReplicas(active);
  const allowed = desired > 0 ? desired + maxSurge(deployment) : 0;
  let toAdd = allowed - total;
  const growing = toAdd > 0;
  // The largest first; equals by age: the newest first when growing, the oldest first when shrinking.
  active.sort(
    (a, b) =>
      (b['spec'].replicas ?? 0) - (a['spec'].replicas ?? 0) ||
      (growing ? byCreation(b, a) : byCreation(a, b)),
  );
  const sizes = new Map<KubeObject, number>();
  let added = 0;
  for (const set of active) {
    const size: number = set['spec'].replicas ?? 0;
    const share = toAdd === 0 ? 0 : proportion(set, deployment, toAdd, added, allowed);
    sizes.set(set, size + share);
    added += share;
  }
  const first = active[0];
  if (first && toAdd !== 0) {
    toAdd -= added;
    sizes.set(first, Math.max(0, (sizes.get(first) as number) + toAdd));
  }
  return resizes(sizes);
}

function proportion(
  set: KubeObject,
  deployment: KubeObject,
  toAdd: number,
  added: number,
  allowed: number,
): number {
  const size: number = set['spec'].replicas ?? 0;
  const before =
    Number(set.metadata.annotations?.[maxAnnotation] ?? deployment['status']?.replicas ?? 0) || size;
  const share = Math.round((size * allowed) / before) - size;
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
}

function resizes(sizes: ReadonlyMap<KubeObject, number>): Resize[] {
  return [...sizes]
    .filter(([set, size]) => size !== (set['spec'].replicas ?? 0))
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }));
}

/** The oldest first; objects of one second by name. */
export function byCreation(a: KubeObject, b: KubeObject): number {
  const [ta, tb] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (ta !== tb) return ta < tb ? -1 : 1;
  return (a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1;
}
