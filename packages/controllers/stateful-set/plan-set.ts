import type { KubeObject } from '@coxswain/machinery';
import { isPodAvailable } from '../shared/pod-state.ts';
import {
  hasIdentity,
  hasStorage,
  isInRange,
  newStatefulPod,
  ordinalOf,
  replicasOf,
  revisionOf,
  type SetRevision,
  startOrdinal,
} from './identity.ts';
import { isCreated, isHealthy, isRunningAndReady, isTerminating, isUnavailable } from './set-status.ts';

/** One thing to do to a pod. */
export interface Act {
  readonly kind: 'create' | 'delete' | 'update' | 'recreate';
  readonly pod: KubeObject;
}

/** What to do next; a part whose failure ends the reconcile comes before the next part. */
export interface SetPlan {
  readonly acts: readonly Act[];
  /** Pods to keep and pods to take down, both as they are planned. */
  readonly replicas: readonly KubeObject[];
  readonly condemned: readonly KubeObject[];
}

interface SetView {
  readonly set: KubeObject;
  readonly pods: readonly KubeObject[];
  readonly current: SetRevision;
  readonly update: SetRevision;
  readonly now: number;
}

export function isMonotonic(set: KubeObject): boolean {
  return set['spec'].podManagementPolicy !== 'Parallel';
}

/** The next step: creation first, then scaling down, then the update. Pure. Source: updateStatefulSet. */
export function planSet(view: SetView): SetPlan {
  const { set, pods } = view;
  const replicas = Array.from({ length: replicasOf(set) }, (_, i) => {
    const ordinal = startOrdinal(set) + i;
    return pods.find((pod) => ordinalOf(pod) === ordinal) ?? newPod(view, ordinal);
  });
  const condemned = pods
    .filter((pod) => !isInRange(set, ordinalOf(pod)))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  if (set.metadata.deletionTimestamp) return { acts: [], replicas, condemned };
  const creation = planReplicas(view, replicas);
  if (creation.blocked) return { acts: creation.acts, replicas, condemned };
  const down = planCondemned(view, replicas, condemned);
  const acts = [...creation.acts, ...down.acts];
  if (down.blocked || set['spec'].updateStrategy?.type === 'OnDelete') return { acts, replicas, condemned };
  return { acts: [...acts, ...planUpdate(view, replicas)], replicas, condemned };
}

/** Below the partition, and where the rollout has not come to, new pods are of the current revision. */
function newPod({ set, current, update }: SetView, ordinal: number): KubeObject {
  const { type, rollingUpdate } = set['spec'].updateStrategy ?? {};
  const start = startOrdinal(set);
  const reached: number =
    rollingUpdate === undefined ? (set['status']?.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  const old = type === 'RollingUpdate' && ordinal < start + reached;
  return newStatefulPod(set, old ? current : update, ordinal);
}

interface Step {
  readonly acts: Act[];
  /** Nothing further may be done before these acts have shown. */
  readonly blocked: boolean;
}

function planReplicas({ set, now }: SetView, replicas: readonly KubeObject[]): Step {
  const monotonic = isMonotonic(set);
  const acts: Act[] = [];
  for (const pod of replicas) {
    const phase = pod['status']?.phase;
    if (phase === 'Failed' || phase === 'Succeeded') {
      if (!isTerminating(pod)) acts.push({ kind: 'recreate', pod });
      if (monotonic) return { acts, blocked: true };
      continue;
    }
    if (!isCreated(pod)) {
      acts.push({ kind: 'create', pod });
      if (monotonic) return { acts, blocked: true };
      continue;
    }
    if (monotonic && (isTerminating(pod) || !isRunningAndReady(pod) || isUnavailable(set, pod, now))) {
      return { acts, blocked: true };
    }
    if (!hasIdentity(pod) || !hasStorage(set, pod)) acts.push({ kind: 'update', pod });
  }
  return { acts, blocked: false };
}

function planCondemned(
  { set, now }: SetView,
  replicas: readonly KubeObject[],
  condemned: readonly KubeObject[],
): Step {
  const monotonic = isMonotonic(set);
  const byOrdinal = [...replicas, ...condemned.toReversed()];
  const firstUnhealthy = byOrdinal.find((pod) => !isHealthy(pod));
  const acts: Act[] = [];
  for (const pod of condemned) {
    if (isTerminating(pod)) {
      if (monotonic) return { acts, blocked: true };
      continue;
    }
    const lame = !isRunningAndReady(pod) || !isPodAvailable(pod, set['spec'].minReadySeconds ?? 0, now);
    if (monotonic && lame && pod !== firstUnhealthy) return { acts, blocked: true };
    acts.push({ kind: 'delete', pod });
    if (monotonic) return { acts, blocked: true };
  }
  return { acts, blocked: false };
}

/** Deletes pods of other revisions, one at a time, the highest number first; they come back in the new one. */
function planUpdate({ set, update, now }: SetView, replicas: readonly KubeObject[]): Act[] {
  const partition: number = set['spec'].updateStrategy?.rollingUpdate?.partition ?? 0;
  const isOld = (pod: KubeObject): boolean =>
    isCreated(pod) && revisionOf(pod) !== update.name && !isTerminating(pod);
  for (const pod of replicas.slice(partition).toReversed()) {
    if (isOld(pod)) return [{ kind: 'delete', pod }];
    if (isUnavailable(set, pod, now)) return [];
  }
  return [];
}
