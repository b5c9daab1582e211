import { formatTime, type KubeObject } from '@coxswain/machinery';

export type JobConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended';

export interface JobCondition {
  readonly type: JobConditionType;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
}

/** A condition without its times. */
export type Verdict = Pick<JobCondition, 'type' | 'reason' | 'message'>;

export const completionsReached: Verdict = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

export function failureTarget(reason: string, message: string): Verdict {
  return { type: 'FailureTarget', reason, message };
}

export function conditionOf(job: KubeObject, type: JobConditionType): JobCondition | undefined {
  return job['status']?.conditions?.find((condition: JobCondition) => condition.type === type);
}

export function isFinished(job: KubeObject): boolean {
  return (['Complete', 'Failed'] as const).some((type) => conditionOf(job, type)?.status === 'True');
}

/** The last condition of a job that has this interim one. */
export function terminalOf(interim: Verdict): Verdict {
  return { ...interim, type: interim.type === 'FailureTarget' ? 'Failed' : 'Complete' };
}

/**
 * The conditions with one of them set; the same list when nothing changes. One that is false and not there is
 * not added. Source: ensureJobConditionStatus.
 */
export function setCondition(
  conditions: readonly JobCondition[],
  verdict: Verdict,
  status: 'True' | 'False',
  now: number,
): readonly JobCondition[] {
  const at = conditions.findIndex((condition) => condition.type === verdict.type);
  const held = conditions[at];
  if (held === undefined && status === 'False') return conditions;
  if (held?.status === status && held.reason === verdict.reason && held.message === verdict.message) {
    return conditions;
  }
  const time = formatTime(now);
  const condition: JobCondition = {
    type: verdict.type,
    status,
    lastProbeTime: time,
    lastTransitionTime: time,
    reason: verdict.reason,
    message: verdict.message,
  };
  return held === undefined ? [...conditions, condition] : conditions.with(at, condition);
}
