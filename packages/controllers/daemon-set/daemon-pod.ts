import { firstUntolerated, matchesPodNodeAffinity, type Toleration } from '@coxswain/api';
import type { KubeObject } from '@coxswain/machinery';
import { revisionHashLabel } from '../shared/controller-revisions.ts';

type Template = Readonly<Record<string, any>>;

const generationAnnotation = 'deprecated.daemonset.template.generation';
const generationLabel = 'pod-template-generation';

const tolerations: readonly Toleration[] = [
  // A daemon stays on a node that is not ready or cannot be reached: it comes back with it.
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
/** Pods on the host's network do not need the node's. */
const hostNetworkToleration: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The tolerations of a daemon's pods: those of the template and those that every daemon has. */
function daemonTolerations(template: Template): Toleration[] {
  const all: Toleration[] = [...(template['spec'].tolerations ?? [])];
  const added = template['spec'].hostNetwork ? [...tolerations, hostNetworkToleration] : tolerations;
  for (const toleration of added) {
    const at = all.findIndex((t) => t.key === toleration.key && t.effect === toleration.effect);
    if (at < 0) all.push(toleration);
    else all[at] = toleration;
  }
  return all;
}

/** What a node means to a daemon set. */
export interface Placement {
  readonly shouldRun: boolean;
  /** A taint that came later keeps new pods away and lets the old one stay. */
  readonly shouldContinue: boolean;
}

/** Whether the node should run a pod of the set. Pure. */
export function placementOn(node: KubeObject, daemonSet: KubeObject): Placement {
  const { template } = daemonSet['spec'];
  const nodeName: string | undefined = template.spec.nodeName;
  if ((nodeName && nodeName !== node.metadata.name) || !matchesPodNodeAffinity(template, node)) {
    return { shouldRun: false, shouldContinue: false };
  }
  const taints = node['spec']?.taints ?? [];
  const allowed = daemonTolerations(template);
  return {
    shouldRun: firstUntolerated(taints, allowed, ['NoSchedule', 'NoExecute']) === undefined,
    shouldContinue: firstUntolerated(taints, allowed, ['NoExecute']) === undefined,
  };
}

/** The template of the pod that goes to this node: an affinity to the node leaves the binding to the scheduler. */
export function daemonTemplate(daemonSet: KubeObject, node: string, hash: string): Template {
  const { template } = daemonSet['spec'];
  const generation = daemonSet.metadata.annotations?.[generationAnnotation];
  const { affinity } = template.spec;
  return {
    metadata: {
      ...template.metadata,
      labels: {
        ...template.metadata?.labels,
        ...(generation === undefined ? {} : { [generationLabel]: generation }),
        [revisionHashLabel]: hash,
      },
    },
    spec: {
      ...template.spec,
      tolerations: daemonTolerations(template),
      affinity: {
        ...affinity,
        nodeAffinity: {
          ...affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
          },
        },
      },
    },
  };
}

/** The node that a daemon's pod is on or is meant for; '' when neither is known. */
export function targetNode(pod: KubeObject): string {
  const { nodeName, affinity } = pod['spec'];
  if (nodeName) return nodeName;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  for (const term of terms ?? []) {
    for (const { key, operator, values } of term.matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values.length === 1) return values[0];
    }
  }
  return '';
}

/** Whether the pod was made from the set's present template. */
export function isUpdated(pod: KubeObject, daemonSet: KubeObject, hash: string): boolean {
  const labels = pod.metadata.labels ?? {};
  const generation = daemonSet.metadata.annotations?.[generationAnnotation];
  return (
    (generation !== undefined && labels[generationLabel] === generation) ||
    (hash !== '' && labels[revisionHashLabel] === hash)
  );
}
