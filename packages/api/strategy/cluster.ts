import type { KubeObject } from '@coxswain/machinery';
import { withoutRoundTrip } from '../convert/horizontal-pod-autoscaler.ts';
import { roundResourceList } from '../defaults/resource-list.ts';
import {
  validateAutoscaler,
  validateAutoscalerStatus,
  validateAutoscalerUpdate,
} from '../validation/autoscaler.ts';
import {
  coreEvent,
  validateEvent,
  validateStrictEvent,
  validateStrictEventUpdate,
} from '../validation/core/event.ts';
import {
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from '../validation/core/resource-quota.ts';
import { validateLease } from '../validation/misc/lease.ts';
import { validateLeaseCandidate, validateLeaseCandidateUpdate } from '../validation/misc/lease-candidate.ts';
import { validatePodDisruptionBudget, validatePodDisruptionBudgetStatus } from '../validation/misc/policy.ts';
import {
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from '../validation/misc/scheduling.ts';
import { storageVersionName, validateStorageVersion } from '../validation/misc/storage-version.ts';
import {
  validateStorageVersionMigration,
  validateStorageVersionMigrationStatus,
  validateStorageVersionMigrationUpdate,
} from '../validation/misc/storage-version-migration.ts';
import {
  validatePodGroup,
  validatePodGroupUpdate,
  validateWorkload,
  validateWorkloadUpdate,
} from '../validation/misc/workload.ts';
import { pathSegmentName } from '../validation/names.ts';
import { validateObjectMeta } from '../validation/object-meta.ts';
import { type Errors, ensure, type Json, sizeOf } from '../validation/values.ts';
import type { KindRules, ValidationRequest } from './contract.ts';
import { resetMetaForStatus } from './generic.ts';

const eventMeta = { namespaced: true, name: pathSegmentName, standardFinalizers: false };

function isStrict({ apiVersion }: ValidationRequest): boolean {
  return apiVersion === 'events.k8s.io/v1';
}

/** Upstream checks an event's metadata only once the event itself has passed. */
function validateNewEvent(errs: Errors, event: KubeObject, request: ValidationRequest): void {
  const core = coreEvent(event);
  validateEvent(errs, core);
  if (isStrict(request)) validateStrictEvent(errs, core);
  if (errs.length === 0) validateObjectMeta(errs, event.metadata, eventMeta);
}

export const eventRules: KindRules = {
  checksMeta: true,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  validate: validateNewEvent,
  update: {
    validate: (errs, event, old, request) => {
      validateEvent(errs, coreEvent(event));
      if (isStrict(request)) validateStrictEventUpdate(errs, coreEvent(event), coreEvent(old));
    },
  },
};

export const resourceQuotaRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (quota) => {
    roundResourceList(quota['spec']?.hard);
    roundResourceList(quota['status']?.hard);
    roundResourceList(quota['status']?.used);
  },
  validate: validateResourceQuota,
  update: { validate: validateResourceQuotaUpdate },
  subresources: { status: { validate: validateResourceQuotaStatus } },
};

/** Elections that the server coordinates are off in this release: what asks for them is not kept. */
function dropCoordination(lease: KubeObject, old?: KubeObject): void {
  for (const member of ['strategy', 'preferredHolder']) {
    if (old?.['spec']?.[member] == null) delete lease['spec']?.[member];
  }
}

export const leaseRules: KindRules = {
  allowCreateOnUpdate: true,
  prepareForCreate: (lease) => dropCoordination(lease),
  validate: validateLease,
  update: { prepare: dropCoordination },
};

export const leaseCandidateRules: KindRules = {
  validate: validateLeaseCandidate,
  update: { validate: validateLeaseCandidateUpdate },
};

export const storageVersionRules: KindRules = {
  name: storageVersionName,
  validate: validateStorageVersion,
  update: { validate: (errs, version) => validateStorageVersion(errs, version) },
  subresources: {
    status: {
      prepare: resetMetaForStatus,
      validate: (errs, version) => validateStorageVersion(errs, version),
    },
  },
};

export const storageVersionMigrationRules: KindRules = {
  validate: validateStorageVersionMigration,
  update: { validate: validateStorageVersionMigrationUpdate },
  subresources: { status: { prepare: resetMetaForStatus, validate: validateStorageVersionMigrationStatus } },
};

export const workloadRules: KindRules = {
  generation: true,
  allowUnconditionalUpdate: true,
  validate: validateWorkload,
  update: { validate: validateWorkloadUpdate },
};

export const podGroupRules: KindRules = {
  allowUnconditionalUpdate: true,
  validate: validatePodGroup,
  update: { validate: validatePodGroupUpdate },
  subresources: { status: { prepare: resetMetaForStatus } },
};

export const podDisruptionBudgetRules: KindRules = {
  generation: true,
  checksMeta: true,
  metaLast: true,
  validate: (errs, budget) => validatePodDisruptionBudget(errs, budget),
  update: { validate: validatePodDisruptionBudget },
  subresources: { status: { validate: validatePodDisruptionBudgetStatus } },
};

export const priorityClassRules: KindRules = {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  defaults: (priority) => {
    priority['preemptionPolicy'] ??= 'PreemptLowerPriority';
  },
  prepareForCreate: (priority) => {
    // it stays at that: what may change of a class is not counted
    priority.metadata.generation = 1;
  },
  validate: validatePriorityClass,
  update: { validate: validatePriorityClassUpdate },
};

export const runtimeClassRules: KindRules = {
  validate: validateRuntimeClass,
  update: { asNew: true, validate: validateRuntimeClassUpdate },
};

const scaleUp = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const scaleDown = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

function defaultAutoscaler(autoscaler: Json): void {
  const spec: Json = ensure(autoscaler, 'spec');
  spec['minReplicas'] ??= 1;
  if (autoscaler['apiVersion'] === 'autoscaling/v1') return;
  const metadata: Json | undefined = autoscaler['metadata'];
  if (metadata?.['annotations']) {
    metadata['annotations'] = withoutRoundTrip(metadata['annotations']);
    if (sizeOf(metadata['annotations']) === 0) delete metadata['annotations'];
  }
  if (!spec['metrics'] || spec['metrics'].length === 0) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  const behavior: Json | undefined = spec['behavior'];
  if (!behavior) return;
  behavior['scaleUp'] = completeRules(behavior['scaleUp'], scaleUp);
  behavior['scaleDown'] = completeRules(behavior['scaleDown'], scaleDown);
}

function completeRules(rules: Json | undefined, defaults: Json): Json {
  const out: Json = { ...defaults, policies: defaults['policies'].map((p: Json) => ({ ...p })), ...rules };
  if (!rules?.['policies']) out['policies'] = defaults['policies'].map((p: Json) => ({ ...p }));
  return out;
}

export const autoscalerRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: defaultAutoscaler,
  // what was written in the first version is read from the store as the second, and gets its defaults there
  prepareForCreate: defaultAutoscaler,
  validate: validateAutoscaler,
  update: { prepare: defaultAutoscaler, validate: validateAutoscalerUpdate },
  subresources: { status: { validate: validateAutoscalerStatus } },
};
