import type { KubeObject } from '@coxswain/machinery';
import { isPodTerminal } from '../shared/pod-state.ts';
import type { Verdict } from './conditions.ts';
import { formatIndexes } from './indexes.ts';
import { completionIndex, isFailed, isIndexed, isTracked } from './job-pod.ts';
import type { JobView } from './observe-job.ts';
import { failureVerdict } from './policies.ts';

/** So many ended pods are in the status at a time without being counted: it must not grow without end. */
const maxUncounted = 500;

type Status = Readonly<Record<string, any>>;

/** Pods that ended, taken into the status before their finalizers go, so that none is counted twice. */
export interface Counting {
  readonly status: Status;
  readonly release: readonly KubeObject[];
  /** More pods ended than fit: the job cannot be over yet. */
  readonly full: boolean;
}

/** The first half of counting: says in the status which pods ended. Pure. */
export function countPods(
  view: JobView,
  status: Status,
  end: Verdict | undefined,
  released: ReadonlySet<string>,
): Counting {
  const { job } = view;
  const succeeded: string[] = [...(status['uncountedTerminatedPods']?.succeeded ?? [])];
  const failed: string[] = [...(status['uncountedTerminatedPods']?.failed ?? [])];
  const indexed = isIndexed(job);
  const done = new Set(indexed ? view.succeededIndexes : []);
  const release: KubeObject[] = [];
  let full = false;
  for (const pod of view.pods) {
    const uid = pod.metadata.uid as string;
    if (!isTracked(pod) || released.has(uid)) continue;
    const podFailed = isFailed(job, pod);
    if (mayRelease(view, pod, podFailed, end)) release.push(pod);
    const hasIndex = !indexed || completionIndex(job, pod) !== undefined;
    if (pod['status']?.phase === 'Succeeded' && !failed.includes(uid)) {
      // Of indexed jobs the index itself tells that it was counted.
      if (!indexed && !succeeded.includes(uid)) succeeded.push(uid);
    } else if ((podFailed || end?.type === 'FailureTarget') && hasIndex && !failed.includes(uid)) {
      // When a job ends by failing, what still runs has failed with it.
      if (failureVerdict(job, pod).counts) failed.push(uid);
    }
    if (succeeded.length + failed.length >= maxUncounted) {
      full = true;
      break;
    }
  }
  const uncounted = {
    ...(succeeded.length > 0 ? { succeeded } : {}),
    ...(failed.length > 0 ? { failed } : {}),
  };
  return {
    status: {
      ...status,
      uncountedTerminatedPods: uncounted,
      ...(indexed ? indexStatus(view, [...done]) : {}),
    },
    release,
    full,
  };
}

function indexStatus({ job, failedIndexes }: JobView, succeeded: readonly number[]): Status {
  return {
    ...(succeeded.length > 0
      ? { succeeded: succeeded.length, completedIndexes: formatIndexes(succeeded) }
      : {}),
    // Jobs with a limit by index say so even when none has failed.
    ...(job['spec'].backoffLimitPerIndex === undefined
      ? {}
      : { failedIndexes: formatIndexes(failedIndexes) }),
  };
}

function mayRelease(
  { job, lastFailed }: JobView,
  pod: KubeObject,
  podFailed: boolean,
  end: Verdict | undefined,
): boolean {
  if (job.metadata.deletionTimestamp || end || pod['status']?.phase === 'Succeeded') return true;
  if (!podFailed) return false;
  const index = completionIndex(job, pod);
  return index === undefined || lastFailed.get(index) !== pod;
}

/** The second half: pods that have lost their finalizer move from the list to the number. Pure. */
export function settleCounts(status: Status, stillTracked: ReadonlySet<string>): Status {
  const { uncountedTerminatedPods: uncounted = {}, ...rest } = status;
  const keep = (list: readonly string[] = []): string[] => list.filter((uid) => stillTracked.has(uid));
  const [succeeded, failed] = [keep(uncounted.succeeded), keep(uncounted.failed)];
  const gone = (before: readonly string[] | undefined, after: readonly string[]): number =>
    (before?.length ?? 0) - after.length;
  const totals = {
    succeeded: (rest['succeeded'] ?? 0) + gone(uncounted.succeeded, succeeded),
    failed: (rest['failed'] ?? 0) + gone(uncounted.failed, failed),
  };
  return {
    ...rest,
    ...(totals.succeeded > 0 ? { succeeded: totals.succeeded } : {}),
    ...(totals.failed > 0 ? { failed: totals.failed } : {}),
    uncountedTerminatedPods: {
      ...(succeeded.length > 0 ? { succeeded } : {}),
      ...(failed.length > 0 ? { failed } : {}),
    },
  };
}

/** Whether no pod is left to be counted. */
export function isCounted(status: Status): boolean {
  const { succeeded = [], failed = [] } = status['uncountedTerminatedPods'] ?? {};
  return succeeded.length + failed.length === 0;
}

/** Pods that are deleted but have not ended. */
export function terminatingCount(pods: readonly KubeObject[], alsoDeleted: ReadonlySet<string>): number {
  return pods.filter(
    (pod) =>
      !isPodTerminal(pod) &&
      (pod.metadata.deletionTimestamp !== undefined || alsoDeleted.has(pod.metadata.uid as string)),
  ).length;
}
