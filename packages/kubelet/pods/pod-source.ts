import type { EventRecorder, Informer } from '@coxswain/controller';
import { deepEqual } from '@coxswain/machinery';
import { podEvent } from '../kuberuntime/events.ts';
import type { Pleg } from '../pleg/pleg.ts';
import type { StatusManager } from '../status/status-manager.ts';
import type { Node, Pod } from '../types.ts';
import { admitPod, type Rejection } from './admission.ts';
import type { MirrorPods } from './mirror-pods.ts';
import { isMirrorPod } from './pod-names.ts';
import type { PodWorkers } from './pod-workers.ts';

export interface PodSourceParts {
  readonly informer: Informer<Pod>;
  readonly workers: PodWorkers;
  readonly mirrors: MirrorPods;
  readonly statuses: StatusManager;
  readonly pleg: Pleg;
  readonly recorder: EventRecorder;
  readonly node: () => Node | undefined;
  /** Refuses a pod while the node runs short of something. */
  readonly admitUnderPressure: (pod: Pod) => Rejection | undefined;
  /** The node as the API server has it this moment. */
  readonly freshNode: () => Promise<Node>;
}

/** Whether nothing has changed but what kubelets write. */
function isOwnEcho(before: Pod, after: Pod): boolean {
  const asked = ({ metadata, spec, status }: Pod): unknown => [
    metadata.labels,
    metadata.annotations,
    metadata.deletionTimestamp,
    metadata.deletionGracePeriodSeconds,
    metadata.generation,
    spec,
    status?.phase === 'Failed' || status?.phase === 'Succeeded',
    (spec.readinessGates ?? []).map((g) => status?.conditions?.find((c) => c.type === g.conditionType)),
  ];
  return deepEqual(asked(before), asked(after));
}

/** Hands the API server's pods of this node to the workers, and refuses those that may not run here. */
export function connectPodSource(parts: PodSourceParts): void {
  const { informer, workers, statuses, pleg, recorder, mirrors } = parts;
  /** Pods that were refused, and their statuses, until the API server says so itself. */
  const refused = new Map<string, Pod['status']>();

  const isNew = (pod: Pod): boolean => {
    const uid = pod.metadata.uid ?? '';
    const { phase } = pod.status;
    if (phase === 'Failed' || phase === 'Succeeded' || pod.metadata.deletionTimestamp) return false;
    return !workers.knows(uid) && pleg.get(uid) === undefined;
  };

  const take = (given: Pod): void => {
    // An object without a status is one that nobody has written one for.
    const pod = given.status === undefined ? ({ ...(given as object), status: {} } as Pod) : given;
    if (isMirrorPod(pod)) {
      mirrors.observe(pod);
      return;
    }
    if (isNew(pod)) {
      const others = workers.pods().filter((p) => !workers.isTerminating(p.metadata.uid ?? ''));
      const rejection = parts.admitUnderPressure(pod) ?? admitPod(pod, others, parts.node());
      if (rejection?.reason === 'NodeAffinity') {
        void askAgain(pod, others);
        return;
      }
      if (rejection) refuse(pod, rejection);
    }
    pass(pod);
  };

  const pass = (pod: Pod): void => {
    const status = refused.get(pod.metadata.uid ?? '');
    statuses.observe(pod);
    workers.update(status ? { ...pod, status } : pod);
  };

  const refuse = (pod: Pod, rejection: Rejection): void => {
    const status = { ...pod.status, phase: 'Failed', ...rejection };
    refused.set(pod.metadata.uid ?? '', status);
    podEvent(recorder, pod, 'Warning', rejection.reason, rejection.message);
    statuses.set(pod, status);
  };

  /** The scheduler may know of a label that has not come here yet. */
  const askAgain = async (pod: Pod, others: readonly Pod[]): Promise<void> => {
    const node = await parts.freshNode().catch(() => parts.node());
    const rejection = admitPod(pod, others, node);
    if (rejection) refuse(pod, rejection);
    pass(pod);
  };

  informer.addHandler({
    onAdd: take,
    onUpdate: (before, after) => {
      if (before.metadata.uid !== after.metadata.uid) workers.remove(before);
      else if (workers.knows(after.metadata.uid ?? '') && isOwnEcho(before, after)) {
        // Mostly this kubelet's own words coming back: there is nothing to be done about them.
        statuses.observe(after);
        workers.replace(after);
        return;
      }
      take(after);
    },
    onDelete: (pod) => {
      if (isMirrorPod(pod)) {
        mirrors.gone(pod);
        return;
      }
      const uid = pod.metadata.uid ?? '';
      refused.delete(uid);
      statuses.forget(uid);
      workers.remove(pod);
    },
  });
}
