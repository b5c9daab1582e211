import { deepEqual, FieldPath, invalid, type KubeObject, required } from '@coxswain/machinery';
import { defaultClaimSpec, defaultPodTemplate } from '../defaults/pod-spec.ts';
import { goEqual } from '../go-equal.ts';
import {
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDaemonSetUpdate,
} from '../validation/apps/daemon-set.ts';
import {
  validateDeployment,
  validateDeploymentStatus,
  validateDeploymentUpdate,
} from '../validation/apps/deployment.ts';
import {
  validateReplicaSet,
  validateReplicaSetStatus,
  validateReplicaSetUpdate,
} from '../validation/apps/replica-set.ts';
import { validateReplicationController } from '../validation/apps/replication-controller.ts';
import {
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from '../validation/apps/stateful-set.ts';
import { immutable } from '../validation/immutable.ts';
import { dnsLabelName } from '../validation/names.ts';
import { ensure, type Json, nonNegative } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { bumpGeneration, keepSpecAndLabels } from './generic.ts';

/** The template of a workload, which decoding may have left out. */
function defaultTemplate(object: Json): Json {
  const spec: Json = ensure(object, 'spec');
  defaultPodTemplate(ensure(spec, 'template'));
  return spec;
}

export const deploymentRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (deployment) => {
    const spec = defaultTemplate(deployment);
    spec['replicas'] ??= 1;
    const strategy: Json = ensure(spec, 'strategy');
    strategy['type'] ||= 'RollingUpdate';
    if (strategy['type'] === 'RollingUpdate') {
      const rolling: Json = ensure(strategy, 'rollingUpdate');
      rolling['maxUnavailable'] ??= '25%';
      rolling['maxSurge'] ??= '25%';
    }
    spec['revisionHistoryLimit'] ??= 10;
    spec['progressDeadlineSeconds'] ??= 600;
  },
  validate: validateDeployment,
  update: {
    prepare: (deployment, old) => {
      // annotations drive the rollout too
      if (!deepEqual(deployment.metadata.annotations ?? {}, old.metadata.annotations ?? {})) {
        bumpGeneration(deployment, old);
      }
    },
    validate: validateDeploymentUpdate,
  },
  subresources: { status: { prepare: keepSpecAndLabels, validate: validateDeploymentStatus } },
};

export const replicaSetRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (set) => {
    defaultTemplate(set)['replicas'] ??= 1;
  },
  validate: (errs, set, _, old) => validateReplicaSet(errs, set, old),
  update: { validate: validateReplicaSetUpdate },
  subresources: { status: { validate: validateReplicaSetStatus } },
};

export const replicationControllerRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (controller) => {
    const spec: Json = ensure(controller, 'spec');
    spec['replicas'] ??= 1;
    if (!spec['template']) return;
    defaultPodTemplate(spec['template']);
    const labels: Json | undefined = spec['template'].metadata?.labels;
    if (!labels) return;
    if (!spec['selector'] || Object.keys(spec['selector']).length === 0) spec['selector'] = { ...labels };
    const own: Json | undefined = controller['metadata'].labels;
    if (!own || Object.keys(own).length === 0) controller['metadata'].labels = { ...labels };
  },
  validate: (errs, controller, _, old) => validateReplicationController(errs, controller, old),
  update: {
    asNew: true,
    validate: (errs, controller, old) => validateReplicationController(errs, controller, old),
  },
  subresources: { status: { validate: validateReplicaSetStatus } },
};

export const statefulSetRules: KindRules = {
  name: dnsLabelName,
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (set) => {
    const spec = defaultTemplate(set);
    spec['podManagementPolicy'] ||= 'OrderedReady';
    const strategy: Json = ensure(spec, 'updateStrategy');
    strategy['type'] ||= 'RollingUpdate';
    if (strategy['type'] === 'RollingUpdate') {
      const rolling: Json = ensure(strategy, 'rollingUpdate');
      rolling['partition'] ??= 0;
    }
    const retention: Json = ensure(spec, 'persistentVolumeClaimRetentionPolicy');
    retention['whenDeleted'] ||= 'Retain';
    retention['whenScaled'] ||= 'Retain';
    spec['replicas'] ??= 1;
    spec['revisionHistoryLimit'] ??= 10;
    for (const claim of spec['volumeClaimTemplates'] ?? []) {
      claim.apiVersion ||= 'v1';
      claim.kind ||= 'PersistentVolumeClaim';
      defaultClaimSpec(ensure(claim, 'spec'));
      ensure(claim, 'status').phase ||= 'Pending';
    }
  },
  prepareForCreate: (set) => dropMaxUnavailable(set, undefined),
  validate: validateStatefulSet,
  update: {
    prepare: dropMaxUnavailable,
    validate: validateStatefulSetUpdate,
  },
  subresources: { status: { validate: validateStatefulSetStatus } },
};

/** The feature of updating several members at once is off in this release; a set that has it keeps it. */
function dropMaxUnavailable(set: KubeObject, old: KubeObject | undefined): void {
  if (old?.['spec'].updateStrategy?.rollingUpdate?.maxUnavailable != null) return;
  const rolling: Json | undefined = set['spec'].updateStrategy?.rollingUpdate;
  if (rolling) delete rolling['maxUnavailable'];
}

const templateGeneration = 'deprecated.daemonset.template.generation';

/** Which template of a daemon set this is, counted from its creation. */
export function templateGenerationOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[templateGeneration] ?? 0);
}

function setTemplateGeneration(set: KubeObject, generation: number): void {
  set.metadata.annotations = { ...set.metadata.annotations, [templateGeneration]: String(generation) };
}

export const daemonSetRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (set) => {
    const spec = defaultTemplate(set);
    const strategy: Json = ensure(spec, 'updateStrategy');
    strategy['type'] ||= 'RollingUpdate';
    if (strategy['type'] === 'RollingUpdate') {
      const rolling: Json = ensure(strategy, 'rollingUpdate');
      rolling['maxUnavailable'] ??= 1;
      rolling['maxSurge'] ??= 0;
    }
    spec['revisionHistoryLimit'] ??= 10;
  },
  prepareForCreate: (set) => {
    const asked = Number(set.metadata.annotations?.[templateGeneration]) || 0;
    setTemplateGeneration(set, Math.max(asked, 1));
  },
  validate: (errs, set, _, old) => validateDaemonSet(errs, set, old),
  update: {
    prepare: (set, old) => {
      const before = Number(old.metadata.annotations?.[templateGeneration] ?? 1);
      const same = goEqual(set['spec'].template, old['spec'].template, 'io.k8s.api.core.v1.PodTemplateSpec');
      setTemplateGeneration(set, same ? before : before + 1);
    },
    validate: validateDaemonSetUpdate,
  },
  subresources: { status: { validate: validateDaemonSetStatus } },
};

export const controllerRevisionRules: KindRules = {
  allowUnconditionalUpdate: true,
  validate: (errs, revision) => {
    if (revision['data'] == null) errs.push(required(FieldPath.root('data'), 'data is mandatory'));
    else if (typeof revision['data'] !== 'object') {
      errs.push(invalid(FieldPath.root('data'), revision['data'], 'data must be a valid JSON object'));
    }
    nonNegative(errs, FieldPath.root('revision'), revision['revision']);
  },
  update: {
    validate: (errs, revision, old) => {
      nonNegative(errs, FieldPath.root('revision'), revision['revision']);
      immutable(errs, FieldPath.root('data'), revision['data'], old['data']);
    },
  },
};
