import type { KubeObject } from '@coxswain/machinery';
import { isPodActive, isPodReady, isPodTerminal } from '../shared/pod-state.ts';
import { parseIndexes } from './indexes.ts';
import { completionIndex, indexFailures, isFailed, isIndexed, isTracked } from './job-pod.ts';
import { failureVerdict } from './policies.ts';

/** A job and its pods at one moment, counted. */
export interface JobView {
  readonly job: KubeObject;
  readonly pods: readonly KubeObject[];
  readonly active: readonly KubeObject[];
  readonly ready: number;
  readonly terminating: number;
  /** Ended pods that the status does not know of. */
  readonly newSucceeded: readonly KubeObject[];
  readonly newFailed: readonly KubeObject[];
  /** All that ever succeeded and failed, counted or not. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of indexed jobs. */
  readonly succeededIndexes: readonly number[];
  /** Of jobs with a limit by index. */
  readonly failedIndexes: readonly number[];
  /** The last failed pod of each index that waits to be replaced: it tells the next one its number. */
  readonly lastFailed: ReadonlyMap<number, KubeObject>;
}

/** Counts. Pure. `released`: pods whose finalizer is gone, though the cache may still show it. */
export function observeJob(
  job: KubeObject,
  pods: readonly KubeObject[],
  released: ReadonlySet<string>,
): JobView {
  const uncounted = job['status']?.uncountedTerminatedPods ?? {};
  const known = new Set<string>([...(uncounted.succeeded ?? []), ...(uncounted.failed ?? [])]);
  const fresh = pods.filter(
    (pod) =>
      isTracked(pod) &&
      !known.has(pod.metadata.uid as string) &&
      !released.has(pod.metadata.uid as string) &&
      (!isIndexed(job) || completionIndex(job, pod) !== undefined),
  );
  const newSucceeded = fresh.filter((pod) => pod['status']?.phase === 'Succeeded');
  const newFailed = fresh.filter((pod) => isFailed(job, pod));
  const counted = newFailed.filter((pod) => failureVerdict(job, pod).counts);
  const active = pods.filter(isPodActive);
  const succeededIndexes = isIndexed(job) ? succeededOf(job, pods) : [];
  const limited = isIndexed(job) && job['spec'].backoffLimitPerIndex !== undefined;
  const failedIndexes = limited ? failedOf(job, pods) : [];
  const status = job['status'] ?? {};
  return {
    job,
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter((p) => p.metadata.deletionTimestamp !== undefined && !isPodTerminal(p)).length,
    newSucceeded,
    newFailed,
    succeeded: isIndexed(job)
      ? succeededIndexes.length
      : (status.succeeded ?? 0) + (uncounted.succeeded?.length ?? 0) + newSucceeded.length,
    failed: (status.failed ?? 0) + (uncounted.failed?.length ?? 0) + counted.length,
    succeededIndexes,
    failedIndexes,
    lastFailed: limited
      ? lastFailedOf(job, pods, active, new Set([...succeededIndexes, ...failedIndexes]))
      : new Map(),
  };
}

function succeededOf(job: KubeObject, pods: readonly KubeObject[]): number[] {
  const indexes = new Set(parseIndexes(job['status']?.completedIndexes, job['spec'].completions));
  for (const pod of pods) {
    const index = completionIndex(job, pod);
    if (index !== undefined && pod['status']?.phase === 'Succeeded' && isTracked(pod)) indexes.add(index);
  }
  return [...indexes].sort((a, b) => a - b);
}

/** Whether this failed pod is the last that its index may have. */
function exhaustsIndex(job: KubeObject, pod: KubeObject): boolean {
  const { action, counts } = failureVerdict(job, pod);
  if (action === 'FailIndex') return true;
  return counts && indexFailures(pod) >= job['spec'].backoffLimitPerIndex;
}

function failedOf(job: KubeObject, pods: readonly KubeObject[]): number[] {
  const indexes = new Set(parseIndexes(job['status']?.failedIndexes, job['spec'].completions));
  for (const pod of pods) {
    const index = completionIndex(job, pod);
    if (index === undefined || !isTracked(pod) || !isFailed(job, pod)) continue;
    if (exhaustsIndex(job, pod)) indexes.add(index);
  }
  return [...indexes].sort((a, b) => a - b);
}

function lastFailedOf(
  job: KubeObject,
  pods: readonly KubeObject[],
  active: readonly KubeObject[],
  done: ReadonlySet<number>,
): Map<number, KubeObject> {
  const running = new Set(active.map((pod) => completionIndex(job, pod)));
  const last = new Map<number, KubeObject>();
  for (const pod of pods) {
    const index = completionIndex(job, pod);
    if (index === undefined || done.has(index) || running.has(index)) continue;
    if (!isTracked(pod) || !isFailed(job, pod)) continue;
    const held = last.get(index);
    if (!held || ageOf(pod) > ageOf(held)) last.set(index, pod);
  }
  return last;
}

/** Failures count up from pod to pod of an index; ignored ones are told apart by time. */
function ageOf(pod: KubeObject): number {
  return indexFailures(pod) * 1e14 + Date.parse(pod.metadata.creationTimestamp ?? '');
}
