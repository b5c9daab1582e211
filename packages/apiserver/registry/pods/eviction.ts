import { typeOfKind } from '@coxswain/api';
import {
  copyJson,
  formatTime,
  type KubeObject,
  newBadRequest,
  newForbidden,
  newNotFound,
  newStatusError,
  selectorFromLabelSelector,
} from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import { admissionAttributes } from '../admission.ts';
import { decodeObject } from '../body/decode-body.ts';
import { type ApiRequest, isDryRun, type Outcome, type RegistryContext } from '../context.ts';
import { ensureNamespace } from '../create.ts';
import { checkPreconditions, deleteNamed } from '../deletion/delete.ts';
import type { DeletionOptions } from '../deletion/delete-options.ts';
import { validateWriteOptions } from '../options/options.ts';
import { guaranteedUpdate } from '../write.ts';

const evictionKind = { group: 'policy', version: 'v1', kind: 'Eviction' };
const budgetResource = { group: 'policy', resource: 'poddisruptionbudget' };
/** A budget remembers at most so many evictions whose deletion it has not seen. */
const maxDisruptedPods = 2000;

/** Seconds after which a budget's controller should have looked at it. */
const retryWhenProcessed = 10;

/** POST of an Eviction: deletes a pod if its disruption budget lets it. */
export async function evictPod(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  validateWriteOptions(request, 'CreateOptions');
  const type = typeOfKind(evictionKind);
  if (type === undefined) throw new Error('evicting a pod: there are no facts of Eviction');
  const eviction = decodeObject(request, evictionKind, type);
  ensureNamespace(request, eviction);
  const attributes = admissionAttributes(request, 'CREATE', { object: eviction, kind: evictionKind });
  await context.admission.admit(attributes);
  if ((eviction.metadata.name ?? '') !== request.name) {
    throw newBadRequest('name in URL does not match name in Eviction object');
  }
  await context.admission.validate(attributes);
  const pods = request.resource;
  const pod = pods.cache.index.get(objectKey(pods.cache.prefix, request.namespace, request.name))?.object;
  if (pod === undefined) throw newNotFound(pods.groupResource, request.name);
  const options = evictionOptions(eviction, request);
  if (!mayIgnoreBudget(pod)) {
    const budgets = budgetsOf(context, request, pod);
    if (budgets.length > 1) return tooManyBudgets;
    const [budget] = budgets;
    if (budget !== undefined && !isUnhealthyAndEvictable(budget, pod)) {
      await decrement(context, budget, pod, options.dryRun);
    }
  }
  // The version that was asked for is held against the pod before the condition gives it another.
  if (!options.dryRun) await markDisrupted(context, request, options);
  const { resourceVersion, ...preconditions } = options.preconditions;
  await deleteNamed(
    context,
    { ...request, verb: 'delete', subresource: '', dryRun: options.dryRun ? ['All'] : [] },
    options.dryRun ? options : { ...options, preconditions },
  );
  return {
    kind: 'object',
    status: 201,
    object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}

/** Says on the pod why it goes, so that its owner does not take its end for a failure of its own. */
async function markDisrupted(
  context: RegistryContext,
  request: ApiRequest,
  options: DeletionOptions,
): Promise<void> {
  const { resource: pods, namespace, name } = request;
  const key = objectKey(pods.cache.prefix, namespace, name);
  await guaranteedUpdate(context, pods, key, false, (current) => {
    if (current === undefined) throw newNotFound(pods.groupResource, name);
    checkPreconditions(request, current.object, options);
    const pod = copyJson(current.object) as KubeObject;
    pod['status'] ??= {};
    const held: Record<string, unknown>[] = pod['status'].conditions ?? [];
    const before = held.find((condition) => condition['type'] === 'DisruptionTarget');
    const condition = {
      type: 'DisruptionTarget',
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime:
        before?.['status'] === 'True' ? before['lastTransitionTime'] : formatTime(context.clock.now()),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    pod['status'].conditions = before
      ? held.map((one) => (one === before ? condition : one))
      : [...held, condition];
    return pod;
  });
}

function evictionOptions(eviction: KubeObject, request: ApiRequest): DeletionOptions {
  const wire = eviction['deleteOptions'] ?? {};
  return {
    gracePeriodSeconds: wire.gracePeriodSeconds,
    propagationPolicy: wire.propagationPolicy,
    orphanDependents: wire.orphanDependents,
    preconditions: wire.preconditions ?? {},
    dryRun: isDryRun(request) || (wire.dryRun?.length ?? 0) > 0,
  };
}

/** Pods that do not run, or are on their way out, disrupt nothing. */
function mayIgnoreBudget(pod: KubeObject): boolean {
  const phase = pod['status']?.phase;
  return (
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    phase === 'Pending' ||
    pod.metadata.deletionTimestamp !== undefined
  );
}

/** Upstream answers it as the object that was created, with 201; clients look into it. */
const tooManyBudgets: Outcome = {
  kind: 'object',
  status: 201,
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message:
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    code: 500,
  },
};

function budgetsOf(context: RegistryContext, request: ApiRequest, pod: KubeObject): KubeObject[] {
  const budgets = context.resources.find('policy/v1', 'poddisruptionbudgets');
  if (budgets === undefined) return [];
  return budgets.cache.index
    .values(`${budgets.cache.prefix}${request.namespace}/`)
    .map((entry) => entry.object)
    .filter((budget) => selects(budget, pod));
}

function selects(budget: KubeObject, pod: KubeObject): boolean {
  const selector = budget['spec']?.selector;
  return selector !== undefined && selectorFromLabelSelector(selector).matches(pod.metadata.labels);
}

/** A pod that is not ready takes nothing away, if the budget's policy says so or its health is met. */
function isUnhealthyAndEvictable(budget: KubeObject, pod: KubeObject): boolean {
  const conditions: { type: string; status: string }[] = pod['status']?.conditions ?? [];
  const ready = conditions.some((c) => c.type === 'Ready' && c.status === 'True');
  if (ready) return false;
  if (budget['spec']?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget['status'] ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

async function decrement(
  context: RegistryContext,
  { metadata }: KubeObject,
  pod: KubeObject,
  dryRun: boolean,
): Promise<void> {
  const budgets = context.resources.find('policy/v1', 'poddisruptionbudgets');
  if (budgets === undefined) throw new Error('evicting a pod: disruption budgets are not served');
  const { namespace = '', name = '' } = metadata;
  const key = objectKey(budgets.cache.prefix, namespace, name);
  await guaranteedUpdate(context, budgets, key, dryRun, (current) => {
    if (current === undefined) throw newNotFound(budgets.groupResource, name);
    const budget = copyJson(current.object) as KubeObject;
    budget['status'] ??= {};
    const status = budget['status'] as Record<string, any>;
    if ((status['observedGeneration'] ?? 0) < (budget.metadata.generation ?? 0)) {
      throw disrupted(
        "Cannot evict pod as it would violate the pod's disruption budget.",
        [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${name} is still being processed by the server.`,
          },
        ],
        retryWhenProcessed,
      );
    }
    const allowed = status['disruptionsAllowed'] ?? 0;
    if (allowed < 0) throw newForbidden(budgetResource, name, 'pdb disruptions allowed is negative');
    status['disruptedPods'] ??= {};
    const { disruptedPods } = status as { disruptedPods: Record<string, string> };
    if (Object.keys(disruptedPods).length > maxDisruptedPods) {
      const message = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
      throw newForbidden(budgetResource, name, message);
    }
    if (allowed === 0) {
      throw disrupted("Cannot evict pod as it would violate the pod's disruption budget.", [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${name} needs ${status['desiredHealthy'] ?? 0} healthy pods and has ${status['currentHealthy'] ?? 0} currently`,
        },
      ]);
    }
    const now = formatTime(context.clock.now());
    status['disruptionsAllowed'] = allowed - 1;
    if (allowed === 1) markExhausted(status, now);
    disruptedPods[pod.metadata.name as string] = now;
    return budget;
  });
}

/** Says in the budget's condition that nothing more may be disrupted. */
function markExhausted(status: Record<string, any>, now: string): void {
  const conditions: Record<string, unknown>[] = status['conditions'] ?? [];
  const before = conditions.find((condition) => condition['type'] === 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status['observedGeneration'] ?? 0,
    lastTransitionTime: before?.['status'] === 'False' ? before['lastTransitionTime'] : now,
    reason: 'InsufficientPods',
    message: '',
  };
  status['conditions'] =
    before === undefined ? [...conditions, condition] : conditions.map((c) => (c === before ? condition : c));
}

function disrupted(
  message: string,
  causes: readonly { reason: string; message: string }[],
  retryAfterSeconds = 0,
): Error {
  return newStatusError({
    code: 429,
    reason: 'TooManyRequests',
    message,
    details: {
      ...(causes.length === 0 ? {} : { causes }),
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  });
}
