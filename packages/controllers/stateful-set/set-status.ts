import type { KubeObject } from '@coxswain/machinery';
import { isPodAvailable, isPodReady } from '../shared/pod-state.ts';
import { replicasOf, revisionOf } from './identity.ts';

export const isTerminating = (pod: KubeObject): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Whether the pod is in the API, and not only planned. */
export const isCreated = (pod: KubeObject): boolean => pod.metadata.uid !== undefined;

export const isRunningAndReady = (pod: KubeObject): boolean =>
  pod['status']?.phase === 'Running' && isPodReady(pod);

/** Running, ready and not on its way out. */
export const isHealthy = (pod: KubeObject): boolean => isRunningAndReady(pod) && !isTerminating(pod);

export function isUnavailable(set: KubeObject, pod: KubeObject, now: number): boolean {
  return !isHealthy(pod) || !isPodAvailable(pod, set['spec'].minReadySeconds ?? 0, now);
}

interface Revisions {
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
}

/** What the status should say of these pods, conditions left out. Pure. */
export function setStatus(
  set: KubeObject,
  pods: readonly KubeObject[],
  { current, update, collisionCount }: Revisions,
  now: number,
): Record<string, any> {
  const count = (holds: (pod: KubeObject) => boolean): number => pods.filter(holds).length;
  const created = count(isCreated);
  const ready = count(isRunningAndReady);
  const available = count(
    (pod) => isRunningAndReady(pod) && isPodAvailable(pod, set['spec'].minReadySeconds ?? 0, now),
  );
  const ofRevision = (name: string): number =>
    count((pod) => isCreated(pod) && !isTerminating(pod) && revisionOf(pod) === name);
  return completed(set, {
    observedGeneration: set.metadata.generation,
    replicas: created,
    readyReplicas: ready,
    availableReplicas: available,
    currentReplicas: ofRevision(current),
    updatedReplicas: ofRevision(update),
    currentRevision: current,
    updateRevision: update,
    collisionCount,
  });
}

/** A rollout that has reached all pods makes the new revision the current one. */
function completed(set: KubeObject, status: Record<string, any>): Record<string, any> {
  const wanted = replicasOf(set);
  const done =
    set['spec'].updateStrategy?.type === 'RollingUpdate' &&
    status['updatedReplicas'] === wanted &&
    status['readyReplicas'] === wanted &&
    status['replicas'] === wanted;
  return done
    ? { ...status, currentReplicas: status['updatedReplicas'], currentRevision: status['updateRevision'] }
    : status;
}

/** As Go writes it: counts of zero are left out, but for two. */
export function wireStatus(status: Record<string, any>): Record<string, unknown> {
  const always = new Set(['replicas', 'availableReplicas', 'collisionCount']);
  return Object.fromEntries(
    Object.entries(status).filter(
      ([name, value]) => value !== undefined && (value !== 0 || always.has(name)),
    ),
  );
}
