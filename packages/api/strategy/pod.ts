import type { KubeObject } from '@coxswain/machinery';
import { defaultPod } from '../defaults/pod.ts';
import { goEqual } from '../go-equal.ts';
import { validatePodCreate } from '../validation/pod/pod.ts';
import { validatePodResize } from '../validation/pod/pod-resize.ts';
import { validatePodStatusUpdate } from '../validation/pod/pod-status.ts';
import { validateEphemeralContainersUpdate, validatePodUpdate } from '../validation/pod/pod-update.ts';
import { computePodQOS } from '../validation/pod/qos.ts';
import { ensure, type Json, sizeOf } from '../validation/values.ts';
import { syncAppArmor } from './app-armor.ts';
import type { KindRules, RequestContext } from './contract.ts';
import { bumpGeneration, carryOver, resetMetaForStatus } from './generic.ts';
import { dropDisabledPodFields, dropDisabledStatusFields } from './pod-fields.ts';

function prepareForCreate(pod: KubeObject, { now }: RequestContext): void {
  const spec: Json = pod['spec'];
  pod.metadata.generation = 1;
  pod['status'] = { phase: 'Pending', qosClass: computePodQOS(pod) };
  dropDisabledPodFields(spec);
  syncAppArmor(pod);
  mergeMatchLabelKeys(pod);
  if (spec['schedulingGates']?.length > 0) {
    pod['status'].conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: now,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
}

/** Keys to match become expressions with the pod's own values (mutatePodAffinity and spread constraints). */
function mergeMatchLabelKeys(pod: KubeObject): void {
  const labels = pod.metadata.labels ?? {};
  const affinity: Json | undefined = pod['spec'].affinity;
  for (const side of [affinity?.['podAffinity'], affinity?.['podAntiAffinity']]) {
    for (const term of side?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeKeys(term, labels);
    for (const weighted of side?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      if (weighted.podAffinityTerm) mergeKeys(weighted.podAffinityTerm, labels);
    }
  }
  for (const constraint of pod['spec'].topologySpreadConstraints ?? []) mergeKeys(constraint, labels);
}

function mergeKeys(term: Json, labels: Record<string, string>): void {
  if (!term['labelSelector']) return;
  const add = (keys: string[] | undefined, operator: string): void => {
    for (const key of keys ?? []) {
      const value = labels[key];
      if (value === undefined) continue;
      const expressions: Json[] = term['labelSelector'].matchExpressions ?? [];
      term['labelSelector'].matchExpressions = [...expressions, { key, operator, values: [value] }];
    }
  };
  add(term['matchLabelKeys'], 'In');
  add(term['mismatchLabelKeys'], 'NotIn');
}

function prepareStatus(pod: KubeObject, old: KubeObject): void {
  carryOver(pod, old, 'spec');
  carryOver(pod.metadata, old.metadata, 'ownerReferences');
  const status: Json = ensure(pod, 'status');
  // an older kubelet does not know the class; it never changes
  status['qosClass'] ||= old['status']?.qosClass;
  if (status['qosClass'] === undefined) delete status['qosClass'];
  keepObservedGenerations(status, old['status'] ?? {});
  dropDisabledStatusFields(status, old['status'] ?? {});
}

/** preserveOldObservedGeneration: writers that do not know of it leave it as it was. */
function keepObservedGenerations(status: Json, before: Json): void {
  if (!status['observedGeneration'] && before['observedGeneration']) {
    status['observedGeneration'] = before['observedGeneration'];
  }
  const olds: readonly Json[] = before['conditions'] ?? [];
  if (!olds.some((condition) => condition['observedGeneration'])) return;
  // several conditions may be of one type: they correspond in order
  const known = new Map<string, number[]>();
  for (const { type, observedGeneration = 0 } of olds) {
    const generations = known.get(type);
    if (generations === undefined) known.set(type, [observedGeneration]);
    else generations.push(observedGeneration);
  }
  for (const condition of (status['conditions'] ?? []) as Json[]) {
    const generation = known.get(condition['type'])?.shift();
    if (generation && !condition['observedGeneration']) condition['observedGeneration'] = generation;
  }
}

/** Of the whole pod only the ephemeral containers are taken. */
function prepareEphemeral(pod: KubeObject, old: KubeObject): void {
  pod['spec'] = { ...old['spec'], ephemeralContainers: pod['spec'].ephemeralContainers ?? [] };
  if (pod['spec'].ephemeralContainers.length === 0) delete pod['spec'].ephemeralContainers;
  carryOver(pod, old, 'status');
  resetMetaForStatus(pod, old);
  dropDisabledPodFields(pod['spec'], old['spec']);
  countChange(pod, old);
}

/** Counts the update when the spec changed. */
function countChange(pod: KubeObject, old: KubeObject): void {
  if (!goEqual(pod['spec'], old['spec'], 'io.k8s.api.core.v1.PodSpec')) bumpGeneration(pod, old);
}

/** Of the whole pod only resources and resize policies are taken, where the lists correspond. */
function prepareResize(pod: KubeObject, old: KubeObject): void {
  const asked: Json = pod['spec'];
  const before: Json = old['spec'];
  const isSameSize = ['containers', 'initContainers'].every(
    (list) => sizeOf(asked[list]) === sizeOf(before[list]),
  );
  // what adds or removes containers is left as it is: validation will refuse it
  if (isSameSize) {
    const spec: Json = { ...before };
    for (const list of ['containers', 'initContainers']) {
      if (asked[list]) spec[list] = resizedOnly(asked[list], before[list] ?? []);
    }
    carryOver(spec, asked, 'resources');
    pod['spec'] = spec;
    carryOver(pod, old, 'status');
    resetMetaForStatus(pod, old);
  }
  dropDisabledPodFields(pod['spec'], before);
  countChange(pod, old);
}

/** The stored containers with what was asked of their resources; what was asked as a whole where names differ. */
function resizedOnly(asked: readonly Json[], before: readonly Json[]): readonly Json[] {
  if (asked.some((container, i) => container['name'] !== before[i]!['name'])) return asked;
  return asked.map((container, i) => {
    const next: Json = { ...before[i], resources: container['resources'] ?? {} };
    carryOver(next, container, 'resizePolicy');
    return next;
  });
}

export const podRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: defaultPod,
  prepareForCreate,
  checksMeta: true,
  validate: validatePodCreate,
  update: {
    prepare: (pod, old) => {
      dropDisabledPodFields(pod['spec'], old['spec']);
      countChange(pod, old);
    },
    validate: validatePodUpdate,
  },
  subresources: {
    status: { prepare: prepareStatus, validate: validatePodStatusUpdate },
    ephemeralcontainers: { prepare: prepareEphemeral, validate: validateEphemeralContainersUpdate },
    resize: { prepare: prepareResize, validate: validatePodResize },
  },
};
