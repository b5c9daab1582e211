import type { Pod, PodStatus } from '../types.ts';

const reason = 'DeadlineExceeded';
const message = 'Pod was active on the node longer than the specified deadline';

/** Ms until the pod's deadline, at or below 0 when it has passed; absent when it has none. */
export function untilDeadline(pod: Pod, status: PodStatus, now: number): number | undefined {
  const { activeDeadlineSeconds } = pod.spec;
  if (activeDeadlineSeconds === undefined || status.startTime === undefined) return undefined;
  return Date.parse(status.startTime) + activeDeadlineSeconds * 1000 - now;
}

/** The status of a pod that has run for too long. */
export function deadlineExceeded(status: PodStatus): PodStatus {
  return { ...status, phase: 'Failed', reason, message };
}
