import { deepEqual, formatTime, type KubeObject } from '@coxswain/machinery';
import { desiredReplicas, maxUnavailable, sumReplicas, sumStatus } from './arithmetic.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

export type DeploymentStatus = Readonly<Record<string, any>> & { readonly conditions?: readonly Condition[] };

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Sets a condition; one that says the same already keeps its place and times. */
export function withCondition(conditions: readonly Condition[], next: Condition, now: number): Condition[] {
  const held = findCondition(conditions, next.type);
  if (held?.status === next.status && held.reason === next.reason) return [...conditions];
  const time = formatTime(now);
  const transition = held?.status === next.status ? (held.lastTransitionTime ?? time) : time;
  return [
    ...withoutCondition(conditions, next.type),
    { ...next, lastUpdateTime: time, lastTransitionTime: transition },
  ];
}

export function withoutCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/** Counts and the Available condition; what progress says comes on top. */
export function countStatus(
  deployment: KubeObject,
  all: readonly KubeObject[],
  fresh: KubeObject | undefined,
  now: number,
): DeploymentStatus {
  const available = sumStatus(all, 'availableReplicas');
  const unavailable = Math.max(0, sumReplicas(all) - available);
  const ready = sumStatus(all, 'readyReplicas');
  const replicas = sumStatus(all, 'replicas');
  const updated = fresh ? sumStatus([fresh], 'replicas') : 0;
  const enough = available >= desiredReplicas(deployment) - maxUnavailable(deployment);
  const conditions = withCondition(
    deployment['status']?.conditions ?? [],
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
  );
  const collisionCount = deployment['status']?.collisionCount;
  return {
    ...(deployment.metadata.generation === undefined
      ? {}
      : { observedGeneration: deployment.metadata.generation }),
    ...(replicas > 0 ? { replicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
    terminatingReplicas: sumStatus(all, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions,
  };
}

/** Whether every replica is new, available, and no old one is left. */
export function isComplete(deployment: KubeObject, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status['updatedReplicas'] ?? 0) === desired &&
    (status['replicas'] ?? 0) === desired &&
    (status['availableReplicas'] ?? 0) === desired &&
    (status['observedGeneration'] ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Whether more is updated, ready or available, or less of the old is left, than the stored status says. */
function hasProgressed(deployment: KubeObject, status: DeploymentStatus): boolean {
  const before = deployment['status'] ?? {};
  const of = (s: Readonly<Record<string, any>>, field: string): number => s[field] ?? 0;
  const old = (s: Readonly<Record<string, any>>): number => of(s, 'replicas') - of(s, 'updatedReplicas');
  return (
    of(status, 'updatedReplicas') > of(before, 'updatedReplicas') ||
    old(status) < old(before) ||
    of(status, 'readyReplicas') > of(before, 'readyReplicas') ||
    of(status, 'availableReplicas') > of(before, 'availableReplicas')
  );
}

/** The deadline is off when it is not set or the largest number. */
export function progressDeadlineSeconds(deployment: KubeObject): number | undefined {
  const seconds: number | undefined = deployment['spec'].progressDeadlineSeconds;
  return seconds === undefined || seconds === 2 ** 31 - 1 ? undefined : seconds;
}

/** Milliseconds until the deadline; 0 or less: passed; undefined: it does not run. */
export function untilDeadline(
  deployment: KubeObject,
  conditions: readonly Condition[],
  now: number,
): number | undefined {
  const deadline = progressDeadlineSeconds(deployment);
  const progressing = findCondition(conditions, 'Progressing');
  if (deadline === undefined || !progressing || progressing.reason === 'NewReplicaSetAvailable')
    return undefined;
  if (progressing.reason === 'ProgressDeadlineExceeded') return 0;
  return Date.parse(progressing.lastUpdateTime ?? formatTime(now)) + deadline * 1000 - now;
}

/** The status with the Progressing and ReplicaFailure conditions brought up to date. */
export function progressStatus(
  deployment: KubeObject,
  status: DeploymentStatus,
  all: readonly KubeObject[],
  fresh: KubeObject | undefined,
  now: number,
): DeploymentStatus {
  let conditions = [...(status.conditions ?? [])];
  const subject = fresh ? `ReplicaSet "${fresh.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (progressDeadlineSeconds(deployment) === undefined) {
    conditions = withoutCondition(conditions, 'Progressing');
  } else if (
    !(
      findCondition(conditions, 'Progressing')?.reason === 'NewReplicaSetAvailable' &&
      wasComplete(deployment, status)
    )
  ) {
    const say = (state: Condition['status'], reason: string, message: string): void => {
      conditions = withCondition(conditions, { type: 'Progressing', status: state, reason, message }, now);
    };
    const left = untilDeadline(deployment, conditions, now);
    if (isComplete(deployment, status)) {
      say('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`);
    } else if (hasProgressed(deployment, status)) {
      // Each step of progress starts the deadline anew.
      const held = findCondition(conditions, 'Progressing');
      const next: Condition = {
        type: 'Progressing',
        status: 'True',
        reason: 'ReplicaSetUpdated',
        message: `${subject} is progressing.`,
        lastUpdateTime: formatTime(now),
        lastTransitionTime:
          held?.status === 'True' && held.lastTransitionTime ? held.lastTransitionTime : formatTime(now),
      };
      conditions = [...withoutCondition(conditions, 'Progressing'), next];
    } else if (left !== undefined && left <= 0) {
      say('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
    }
  }
  const failure = [fresh, ...all]
    .flatMap((set) => (set?.['status']?.conditions ?? []) as Condition[])
    .find((condition) => condition.type === 'ReplicaFailure');
  conditions = failure
    ? withCondition(conditions, { ...failure, status: failure.status }, now)
    : withoutCondition(conditions, 'ReplicaFailure');
  return { ...status, conditions };
}

/** A finished rollout is not judged again until something is out of place. */
function wasComplete(deployment: KubeObject, status: DeploymentStatus): boolean {
  const before = deployment['status'] ?? {};
  return (status['replicas'] ?? 0) === (before.updatedReplicas ?? 0) && isComplete(deployment, status);
}

export function statusDiffers(deployment: KubeObject, status: DeploymentStatus): boolean {
  return !deepEqual(deployment['status'] ?? {}, status);
}
