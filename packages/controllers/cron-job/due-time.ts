import type { KubeObject } from '@coxswain/machinery';
import type { Schedule } from './schedule.ts';

/** More missed starts than this are worth a warning. */
const manyMissed = 100;

/** What of a schedule is due. */
export interface Due {
  /** The latest moment that has come and was not acted on; undefined: none. */
  readonly at: number | undefined;
  /** From where the search began. */
  readonly since: number;
  readonly tooManyMissed: boolean;
}

/** The latest unmet start time. Pure. Source: mostRecentScheduleTime. */
export function dueTime(cronJob: KubeObject, schedule: Schedule, now: number, withDeadline: boolean): Due {
  const { startingDeadlineSeconds: deadline } = cronJob['spec'];
  let since = Date.parse(cronJob['status']?.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? '');
  if (withDeadline && deadline !== undefined) since = Math.max(since, now - Number(deadline) * 1000);
  const first = schedule.next(since);
  if (first === undefined || now < first) return { at: undefined, since, tooManyMissed: false };
  const second = schedule.next(first);
  if (second === undefined || now < second) return { at: first, since, tooManyMissed: false };
  const interval = second - first;
  const missed = Math.floor((now - first) / interval) + 1;
  // Steps of the regular interval come near to now; the rest is walked.
  let latest = first;
  for (
    let at = schedule.next(first + (missed - 2) * interval);
    at !== undefined && at <= now;
    at = schedule.next(at)
  ) {
    latest = at;
  }
  const lenient = deadline !== undefined && withDeadline;
  return { at: latest, since, tooManyMissed: missed > manyMissed && !lenient };
}

/** Milliseconds until the next start. */
export function untilNext(cronJob: KubeObject, schedule: Schedule, now: number): number | undefined {
  const { at, since } = dueTime(cronJob, schedule, now, false);
  const next = schedule.next(at ?? since);
  // A little late rather than a little early: clocks differ.
  return next === undefined ? undefined : Math.max(0, next - now) + 100;
}
