import type { Int64, KubeObject } from '@coxswain/machinery';
import { completionsReached, conditionOf, failureTarget, type Verdict } from './conditions.ts';
import { failureDelay } from './job-failures.ts';
import {
  completionIndex,
  finishedAt,
  historyAfter,
  type IndexHistory,
  isFailed,
  isIndexed,
  podsToRemove,
  replacesOnlyFailed,
} from './job-pod.ts';
import type { JobView } from './observe-job.ts';
import { failureVerdict, successByPolicy } from './policies.ts';

/** At most so many creates or deletes in one reconcile. */
const maxPodsPerSync = 500;

/** Why the job is to end now, as the interim condition says it; undefined while it goes on. Pure. */
export function endOf(view: JobView, now: number): Verdict | undefined {
  const { job } = view;
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const held = conditionOf(job, type);
    if (held?.status === 'True') return { type, reason: held.reason, message: held.message };
  }
  const { spec } = job as Record<string, any>;
  if (spec.podFailurePolicy) {
    for (const pod of view.pods) {
      const message = isFailed(job, pod) ? failureVerdict(job, pod).jobFailure : undefined;
      if (message !== undefined) return failureTarget('PodFailurePolicy', message);
    }
  }
  if (view.failed > (spec.backoffLimit ?? 6) || restartsExceed(job, view.pods)) {
    return failureTarget('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (deadlineIn(job, now) === 0) {
    return failureTarget('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return isIndexed(job) ? endByIndexes(view) : undefined;
}

function endByIndexes({ job, failedIndexes, succeededIndexes }: JobView): Verdict | undefined {
  const { maxFailedIndexes, completions } = job['spec'];
  if (maxFailedIndexes !== undefined && failedIndexes.length > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failureTarget('MaxFailedIndexesExceeded', message);
  }
  if (failedIndexes.length > 0 && failedIndexes.length + succeededIndexes.length >= completions) {
    return failureTarget('FailedIndexes', 'Job has failed indexes');
  }
  const message = successByPolicy(job, succeededIndexes);
  return message === undefined ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message };
}

/** Pods that restart in place count their restarts against the limit. */
function restartsExceed(job: KubeObject, pods: readonly KubeObject[]): boolean {
  const limit: number = job['spec'].backoffLimit ?? 6;
  if (job['spec'].template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const pod of pods) {
    const { phase, initContainerStatuses = [], containerStatuses = [] } = pod['status'] ?? {};
    if (phase !== 'Running' && phase !== 'Pending') continue;
    for (const status of [...initContainerStatuses, ...containerStatuses])
      restarts += status.restartCount ?? 0;
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

export function isSuspended(job: KubeObject): boolean {
  return job['spec'].suspend === true;
}

/** Milliseconds until the job has been active for too long; undefined: it has no such end. */
export function deadlineIn(job: KubeObject, now: number): number | undefined {
  const seconds: Int64 | undefined = job['spec'].activeDeadlineSeconds;
  const start: string | undefined = job['status']?.startTime;
  if (seconds === undefined || start === undefined || isSuspended(job)) return undefined;
  return Math.max(0, Date.parse(start) + Number(seconds) * 1000 - now);
}

/** Whether all is done that the job wants done. */
export function isComplete({ job, succeeded }: JobView, active: number): Verdict | undefined {
  const { completions } = job['spec'];
  const enough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  return enough && active === 0 ? completionsReached : undefined;
}

/** Pods to delete, or to make; never both. */
export interface JobPlan {
  readonly remove: readonly KubeObject[];
  /** One entry a pod; undefined in jobs without indexes. */
  readonly create: readonly (IndexHistory | undefined)[];
  /** Milliseconds until more may be made; absent: nothing waits. */
  readonly waitMs?: number;
}

/** The next step towards the wanted number of active pods. Pure. Source: manageJob. */
export function planJob(view: JobView, backoffMs: number, now: number): JobPlan {
  const { job } = view;
  const active = view.active.length;
  if (isSuspended(job)) return { remove: podsToRemove(job, view.active, active, now), create: [] };
  const wanted = wantedActive(view);
  const remove = podsToRemove(job, view.active, Math.max(0, active - wanted), now).slice(0, maxPodsPerSync);
  if (remove.length > 0) return { remove, create: [] };
  const terminating = replacesOnlyFailed(job) ? view.terminating : 0;
  const missing = Math.min(wanted - terminating - active, maxPodsPerSync);
  if (missing <= 0) return { remove, create: [] };
  const byIndex = job['spec'].backoffLimitPerIndex !== undefined;
  if (!byIndex && backoffMs > 0) return { remove, create: [], waitMs: backoffMs };
  if (!isIndexed(job)) return { remove, create: Array.from({ length: missing }, () => undefined) };
  return { remove, ...planIndexes(view, missing, byIndex, now) };
}

function wantedActive({ job, active, succeeded }: JobView): number {
  const { completions } = job['spec'];
  const parallelism: number = job['spec'].parallelism ?? 1;
  // Without a number of completions one success means that the rest are to end by themselves.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

function planIndexes(
  view: JobView,
  count: number,
  byIndex: boolean,
  now: number,
): { create: IndexHistory[]; waitMs?: number } {
  const { job, lastFailed } = view;
  const taken = new Set<number | undefined>([
    ...view.succeededIndexes,
    ...view.failedIndexes,
    ...view.active.map((pod) => completionIndex(job, pod)),
  ]);
  if (replacesOnlyFailed(job)) {
    for (const pod of view.pods) {
      if (pod.metadata.deletionTimestamp && !['Failed', 'Succeeded'].includes(pod['status']?.phase))
        taken.add(completionIndex(job, pod));
    }
  }
  const create: IndexHistory[] = [];
  const waits: number[] = [];
  for (let index = 0; index < job['spec'].completions && create.length < count; index++) {
    if (taken.has(index)) continue;
    if (!byIndex) {
      create.push({ index });
      continue;
    }
    const last = lastFailed.get(index);
    const ignored = last !== undefined && !failureVerdict(job, last).counts;
    const history = historyAfter(index, last, ignored);
    const failures = (history.failures ?? 0) + (history.ignoredFailures ?? 0);
    const wait = last ? failureDelay(failures, finishedAt(last, now), now) : 0;
    if (wait > 0) waits.push(wait);
    else create.push(history);
  }
  return waits.length > 0 ? { create, waitMs: Math.min(...waits) } : { create };
}
