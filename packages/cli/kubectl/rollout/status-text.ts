import type { KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';

/** How far a rollout is: a line for people, and whether it is over. */
export interface RolloutState {
  readonly text: string;
  readonly done: boolean;
}

/** The state of a deployment, daemon set or stateful set, in kubectl's words. Throws `Failure` when it failed. */
export function rolloutState(kind: string, object: KubeObject, revision = 0): RolloutState {
  switch (kind) {
    case 'Deployment':
      return deploymentState(object, revision);
    case 'DaemonSet':
      return daemonSetState(object);
    case 'StatefulSet':
      return statefulSetState(object);
    default:
      throw new Failure(`no status viewer has been implemented for ${kind}`);
  }
}

function deploymentState(object: KubeObject, revision: number): RolloutState {
  const { name, generation = 0, annotations = {} } = object.metadata;
  const { spec, status = {} } = object;
  if (revision > 0) {
    const now = Number(annotations['deployment.kubernetes.io/revision'] ?? 0);
    if (revision !== now) {
      throw new Failure(`desired revision (${revision}) is different from the running revision (${now})`);
    }
  }
  if (generation > (status.observedGeneration ?? 0)) {
    return going('Waiting for deployment spec update to be observed...');
  }
  const progressing = status.conditions?.find((each: { type: string }) => each.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    throw new Failure(`deployment "${name}" exceeded its progress deadline`);
  }
  const wanted = spec?.replicas ?? 1;
  const { updatedReplicas: updated = 0, replicas = 0, availableReplicas: available = 0 } = status;
  const waiting = `Waiting for deployment "${name}" rollout to finish:`;
  if (updated < wanted)
    return going(`${waiting} ${updated} out of ${wanted} new replicas have been updated...`);
  if (replicas > updated)
    return going(`${waiting} ${replicas - updated} old replicas are pending termination...`);
  if (available < updated)
    return going(`${waiting} ${available} of ${updated} updated replicas are available...`);
  return { text: `deployment "${name}" successfully rolled out`, done: true };
}

function daemonSetState(object: KubeObject): RolloutState {
  const { name, generation = 0 } = object.metadata;
  const { spec, status = {} } = object;
  if (spec?.updateStrategy?.type !== 'RollingUpdate') {
    throw new Failure('rollout status is only available for RollingUpdate strategy type');
  }
  if (generation > (status.observedGeneration ?? 0)) {
    return going('Waiting for daemon set spec update to be observed...');
  }
  const {
    updatedNumberScheduled: updated = 0,
    desiredNumberScheduled: wanted = 0,
    numberAvailable = 0,
  } = status;
  const waiting = `Waiting for daemon set "${name}" rollout to finish:`;
  if (updated < wanted) return going(`${waiting} ${updated} out of ${wanted} new pods have been updated...`);
  if (numberAvailable < wanted)
    return going(`${waiting} ${numberAvailable} of ${wanted} updated pods are available...`);
  return { text: `daemon set "${name}" successfully rolled out`, done: true };
}

function statefulSetState(object: KubeObject): RolloutState {
  const { generation = 0 } = object.metadata;
  const { spec, status = {} } = object;
  if (spec?.updateStrategy?.type !== 'RollingUpdate') {
    throw new Failure('rollout status is only available for RollingUpdate strategy type');
  }
  if ((status.observedGeneration ?? 0) === 0 || generation > status.observedGeneration) {
    return going('Waiting for statefulset spec update to be observed...');
  }
  const wanted = spec.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = status;
  if (readyReplicas < wanted) return going(`Waiting for ${wanted - readyReplicas} pods to be ready...`);
  const partition = spec.updateStrategy.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    if (updatedReplicas < wanted - partition) {
      return going(
        `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${wanted - partition} new pods have been updated...`,
      );
    }
    return {
      text: `partitioned roll out complete: ${updatedReplicas} new pods have been updated...`,
      done: true,
    };
  }
  if (updateRevision !== currentRevision) {
    return going(
      `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
    );
  }
  const { currentReplicas = 0 } = status;
  return {
    text: `statefulset rolling update complete ${currentReplicas} pods at revision ${currentRevision}...`,
    done: true,
  };
}

function going(text: string): RolloutState {
  return { text, done: false };
}
