import type { KubeObject } from '@coxswain/machinery';
import { sortForDeletion } from '../shared/pod-state.ts';

type Template = Readonly<Record<string, any>>;

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
const indexKey = 'batch.kubernetes.io/job-completion-index';
const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';
const indexVariable = 'JOB_COMPLETION_INDEX';
/** 63 characters of a label less the five that the server draws. */
const maxGenerateName = 58;

export function isIndexed(job: KubeObject): boolean {
  return job['spec'].completionMode === 'Indexed';
}

export function isTracked(pod: KubeObject): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** The pod's completion index, if it has one that the job has. */
export function completionIndex(job: KubeObject, pod: KubeObject): number | undefined {
  const text = pod.metadata.annotations?.[indexKey] ?? '';
  if (!/^\d+$/.test(text)) return undefined;
  const index = Number(text);
  return index < (job['spec'].completions ?? 0) ? index : undefined;
}

/** How often pods of this pod's index failed before it. */
export function indexFailures(pod: KubeObject): number {
  return Number(pod.metadata.annotations?.[failureCountKey] ?? 0) || 0;
}

/** Pods are replaced only when they have really failed, not when they are on their way. */
export function replacesOnlyFailed(job: KubeObject): boolean {
  const { podReplacementPolicy, podFailurePolicy } = job['spec'];
  return podReplacementPolicy === 'Failed' || (!podReplacementPolicy && podFailurePolicy !== undefined);
}

/** Failed, or deleted without having succeeded: such a pod may never come to say that it failed. */
export function isFailed(job: KubeObject, pod: KubeObject): boolean {
  const phase = pod['status']?.phase;
  if (phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded';
}

/** What a new pod of an index inherits from the failed one before it. */
export interface IndexHistory {
  readonly index: number;
  /** Absent unless the job limits failures by index. */
  readonly failures?: number;
  readonly ignoredFailures?: number;
}

/** Failures of the index counting those of the pod it is to replace. */
export function historyAfter(index: number, last: KubeObject | undefined, ignored: boolean): IndexHistory {
  const before = last ? indexFailures(last) : 0;
  const ignoredBefore = Number(last?.metadata.annotations?.[ignoredCountKey] ?? 0) || 0;
  if (!last) return { index, failures: 0 };
  return ignored
    ? { index, failures: before, ignoredFailures: ignoredBefore + 1 }
    : { index, failures: before + 1, ...(ignoredBefore > 0 ? { ignoredFailures: ignoredBefore } : {}) };
}

/** The template and name of a new pod; `history` for indexed jobs. */
export function jobTemplate(
  job: KubeObject,
  history: IndexHistory | undefined,
): { readonly template: Template; readonly generateName: string } {
  const { template } = job['spec'];
  const finalizers: readonly string[] = template.metadata?.finalizers ?? [];
  const metadata = {
    ...template.metadata,
    finalizers: finalizers.includes(trackingFinalizer) ? finalizers : [...finalizers, trackingFinalizer],
  };
  const name = job.metadata.name as string;
  if (history === undefined) return { template: { ...template, metadata }, generateName: `${name}-` };
  const index = String(history.index);
  const suffix = `-${index}-`;
  const { failures, ignoredFailures } = history;
  return {
    generateName: `${name.slice(0, maxGenerateName - suffix.length)}${suffix}`,
    template: {
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, [indexKey]: index },
        annotations: {
          ...metadata.annotations,
          [indexKey]: index,
          ...(failures === undefined ? {} : { [failureCountKey]: String(failures) }),
          ...(ignoredFailures === undefined ? {} : { [ignoredCountKey]: String(ignoredFailures) }),
        },
      },
      spec: {
        ...withIndexVariable(template.spec),
        hostname: `${name}-${index}`,
      },
    },
  };
}

function withIndexVariable(spec: Template): Template {
  const variable = {
    name: indexVariable,
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } },
  };
  const extend = (container: Template): Template =>
    (container['env'] ?? []).some((entry: { name: string }) => entry.name === indexVariable)
      ? container
      : { ...container, env: [...(container['env'] ?? []), variable] };
  return {
    ...spec,
    ...(spec['initContainers'] ? { initContainers: spec['initContainers'].map(extend) } : {}),
    containers: spec['containers'].map(extend),
  };
}

/** The active pods to delete so that at least `count` go: those beyond the indexes and doubles first. */
export function podsToRemove(
  job: KubeObject,
  active: readonly KubeObject[],
  count: number,
  now: number,
): KubeObject[] {
  const doomed: KubeObject[] = [];
  let left = sortForDeletion(active, new Map(), now);
  if (isIndexed(job)) {
    // Of the pods of one index the one that would be deleted last stays.
    const kept = new Map<number, KubeObject>();
    for (const pod of left) {
      const index = completionIndex(job, pod);
      if (index !== undefined) kept.set(index, pod);
    }
    const stays = new Set(kept.values());
    doomed.push(...left.filter((pod) => !stays.has(pod)));
    left = left.filter((pod) => stays.has(pod));
  }
  return doomed.length >= count ? doomed : [...doomed, ...left.slice(0, count - doomed.length)];
}

/** When the pod ended, ms. */
export function finishedAt(pod: KubeObject, now: number): number {
  const times: number[] = (pod['status']?.containerStatuses ?? [])
    .map((status: Template) => Date.parse(status['state']?.terminated?.finishedAt ?? ''))
    .filter((time: number) => !Number.isNaN(time));
  if (times.length > 0) return Math.max(...times);
  const ready = pod['status']?.conditions?.find((c: Template) => c['type'] === 'Ready');
  const fallback = Date.parse(ready?.lastTransitionTime ?? pod.metadata.deletionTimestamp ?? '');
  return Number.isNaN(fallback) ? now : fallback;
}
