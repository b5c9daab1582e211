import { deepEqual, formatTime, type KubeObject } from '@coxswain/machinery';
import { isPodAvailable, isPodReady } from '../shared/pod-state.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** Status of a ReplicaSet or ReplicationController. */
export type ReplicaStatus = Readonly<Record<string, unknown>> & {
  readonly conditions?: readonly Condition[];
};

interface Observation {
  readonly owner: KubeObject;
  /** Claimed pods that are active. */
  readonly active: readonly KubeObject[];
  /** How many claimed pods are being deleted; undefined where the kind does not tell. */
  readonly terminating: number | undefined;
  readonly templateLabels: Readonly<Record<string, string>>;
  /** What kept the pods from being created or deleted; absent when nothing did. */
  readonly failure: { readonly creating: boolean; readonly message: string } | undefined;
  readonly now: number;
}

/** What the status should say now. Pure. */
export function replicaStatus({
  owner,
  active,
  terminating,
  templateLabels,
  failure,
  now,
}: Observation): ReplicaStatus {
  const minReadySeconds: number = owner['spec'].minReadySeconds ?? 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (Object.entries(templateLabels).every(([key, value]) => pod.metadata.labels?.[key] === value))
      fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) available++;
  }
  const before: readonly Condition[] = owner['status']?.conditions ?? [];
  const held = before.find((condition) => condition.type === 'ReplicaFailure');
  const others = before.filter((condition) => condition.type !== 'ReplicaFailure');
  const failed: Condition[] = failure
    ? [
        held ?? {
          type: 'ReplicaFailure',
          status: 'True',
          lastTransitionTime: formatTime(now),
          reason: failure.creating ? 'FailedCreate' : 'FailedDelete',
          message: failure.message,
        },
      ]
    : [];
  const conditions = [...others, ...failed];
  return {
    replicas: active.length,
    ...(fullyLabeled > 0 ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(owner.metadata.generation === undefined ? {} : { observedGeneration: owner.metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** Whether writing the status would change anything. */
export function statusDiffers(owner: KubeObject, status: ReplicaStatus): boolean {
  return !deepEqual(owner['status'] ?? {}, status);
}
