import { duplicate, invalid, required } from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { type Errors, invalidUnshown, type Json, nonNegative, statusPath } from '../values.ts';
import { indexesOverlap, parseIndexes } from './indexes.ts';
import { hasJobCondition } from './job-condition.ts';

const conditionsPath = statusPath.child('conditions');

function isFinished(job: Json): boolean {
  return hasJobCondition(job, 'Complete') || hasJobCondition(job, 'Failed');
}

/** A job before and after; rules hold for what the update changes, so that what was wrong before hinders nothing. */
interface Transition {
  readonly job: Json;
  readonly old: Json;
  readonly status: Json;
  readonly before: Json;
}

/** Whether the update changes one of these members of the status. */
function changes({ status, before }: Transition, ...members: readonly string[]): boolean {
  return members.some((member) => status[member] !== before[member]);
}

/** Whether the update changes the count of one of these, which is nothing where it is absent. */
function changesCount({ status, before }: Transition, member: string): boolean {
  return (status[member] ?? 0) !== (before[member] ?? 0);
}

/** Whether the update sets or unsets one of these conditions. */
function turns({ job, old }: Transition, ...types: readonly string[]): boolean {
  return types.some((type) => hasJobCondition(job, type) !== hasJobCondition(old, type));
}

/** ValidateJobStatusUpdate: a job's end is consistent and final. */
export function validateJobStatus(errs: Errors, job: Json, old: Json): void {
  const status: Json = job['status'] ?? {};
  const change: Transition = { job, old, status, before: old['status'] ?? {} };
  for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating']) {
    nonNegative(errs, statusPath.child(name), status[name]);
  }
  validateUncounted(errs, status['uncountedTerminatedPods']);
  validateCompletion(errs, change);
  validateTargets(errs, change);
  validateFinished(errs, change);
  validateIndexes(errs, change);
  validatePodsLeft(errs, change);
  validateSuccess(errs, change);
  validateChanges(errs, change);
}

function validateUncounted(errs: Errors, uncounted: Json | undefined): void {
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed']) {
    const uids: readonly string[] = uncounted?.[list] ?? [];
    uids.forEach((uid, i) => {
      const place = statusPath.child('uncountedTerminatedPods').child(list).index(i);
      if (uid === '') errs.push(invalid(place, uid, 'must not be empty'));
      else if (seen.has(uid)) errs.push(duplicate(place, uid));
      seen.add(uid);
    });
  }
}

function refuse(errs: Errors, when: boolean, detail: string): void {
  if (when) errs.push(invalidUnshown(conditionsPath, detail));
}

function validateCompletion(errs: Errors, change: Transition): void {
  const { job, status } = change;
  const complete = hasJobCondition(job, 'Complete');
  refuse(
    errs,
    turns(change, 'Complete', 'Failed') && complete && hasJobCondition(job, 'Failed'),
    'cannot set Complete=True and Failed=true conditions',
  );
  refuse(
    errs,
    turns(change, 'Complete', 'FailureTarget') && complete && hasJobCondition(job, 'FailureTarget'),
    'cannot set Complete=True and FailureTarget=true conditions',
  );
  const end: string | undefined = status['completionTime'];
  const path = statusPath.child('completionTime');
  if (turns(change, 'Complete') || changes(change, 'completionTime')) {
    if (end != null && !complete) {
      errs.push(invalid(path, end, 'cannot set completionTime when there is no Complete=True condition'));
    }
    if (end == null && complete) errs.push(required(path, 'completionTime is required for Complete jobs'));
  }
  if (!changes(change, 'startTime', 'completionTime') || end == null || status['startTime'] == null) return;
  if (Date.parse(end) < Date.parse(status['startTime'])) {
    errs.push(invalid(path, end, 'completionTime cannot be set before startTime'));
  }
}

function validateTargets(errs: Errors, change: Transition): void {
  const { job } = change;
  refuse(
    errs,
    turns(change, 'Failed', 'FailureTarget') &&
      hasJobCondition(job, 'Failed') &&
      !hasJobCondition(job, 'FailureTarget'),
    'cannot set Failed=True condition without the FailureTarget=true condition',
  );
  refuse(
    errs,
    turns(change, 'Complete', 'SuccessCriteriaMet') &&
      hasJobCondition(job, 'Complete') &&
      !hasJobCondition(job, 'SuccessCriteriaMet'),
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  );
}

function finishes({ job, old }: Transition): boolean {
  return isFinished(job) !== isFinished(old);
}

function validateFinished(errs: Errors, change: Transition): void {
  const { job, status, before } = change;
  if (!isFinished(job)) return;
  if ((finishes(change) || changesCount(change, 'active')) && status['active'] > 0) {
    errs.push(invalid(statusPath.child('active'), status['active'], 'active>0 is invalid for finished job'));
  }
  const hasNothingToStart = job['spec'].suspend === true && job['spec'].completions === 0;
  if (
    (finishes(change) || changes(change, 'startTime')) &&
    !hasNothingToStart &&
    status['startTime'] == null
  ) {
    errs.push(required(statusPath.child('startTime'), 'startTime is required for finished job'));
  }
  const uncounted: Json | undefined = status['uncountedTerminatedPods'];
  if ((uncounted?.['failed']?.length ?? 0) + (uncounted?.['succeeded']?.length ?? 0) === 0) return;
  const same = goEqual(
    uncounted,
    before['uncountedTerminatedPods'],
    'io.k8s.api.batch.v1.UncountedTerminatedPods',
  );
  if (same && !finishes(change)) return;
  const shown = { Succeeded: uncounted!['succeeded'] ?? null, Failed: uncounted!['failed'] ?? null };
  const message = 'uncountedTerminatedPods needs to be empty for finished job';
  errs.push(invalid(statusPath.child('uncountedTerminatedPods'), shown, message));
}

function validateIndexes(errs: Errors, change: Transition): void {
  const { job, status, before } = change;
  const { completions, completionMode, backoffLimitPerIndex } = job['spec'];
  const completed: string = status['completedIndexes'] ?? '';
  const failed: string | undefined = status['failedIndexes'] ?? undefined;
  const completedChanged = completed !== (before['completedIndexes'] ?? '');
  const failedChanged = failed !== (before['failedIndexes'] ?? undefined);
  const completedPath = statusPath.child('completedIndexes');
  const failedPath = statusPath.child('failedIndexes');
  if (completedChanged && completions != null) {
    const parsed = parseIndexes(completed, completions);
    if (typeof parsed === 'string') {
      errs.push(invalid(completedPath, completed, `error parsing completedIndexes: ${parsed}`));
    }
  }
  if (failedChanged && completions != null && backoffLimitPerIndex != null && failed !== undefined) {
    const parsed = parseIndexes(failed, completions);
    if (typeof parsed === 'string') {
      errs.push(invalid(failedPath, failed, `error parsing failedIndexes: ${parsed}`));
    }
  }
  if (completedChanged && completed !== '' && completionMode !== 'Indexed') {
    const message = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errs.push(invalid(completedPath, completed, message));
  }
  if (failedChanged && backoffLimitPerIndex == null && failed !== undefined) {
    const message = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errs.push(invalid(failedPath, failed, message));
  }
  if (!(failedChanged || completedChanged) || completions == null || failed === undefined) return;
  const common = indexesOverlap(completed, failed, completions);
  if (common === undefined) return;
  const message = `failedIndexes and completedIndexes overlap at index: ${common}`;
  errs.push(invalid(failedPath, failed, message));
}

function validatePodsLeft(errs: Errors, change: Transition): void {
  const { job, status } = change;
  const { terminating, ready } = status;
  if ((finishes(change) || changes(change, 'terminating')) && terminating > 0 && isFinished(job)) {
    const path = statusPath.child('terminating');
    errs.push(invalid(path, terminating, 'terminating>0 is invalid for finished job'));
  }
  if (!changes(change, 'ready') && !changesCount(change, 'active')) return;
  if (ready != null && ready > (status['active'] ?? 0)) {
    errs.push(invalid(statusPath.child('ready'), ready, 'cannot set more ready pods than active'));
  }
}

function validateSuccess(errs: Errors, { job }: Transition): void {
  const met = hasJobCondition(job, 'SuccessCriteriaMet');
  refuse(
    errs,
    met && hasJobCondition(job, 'Failed'),
    'cannot set SuccessCriteriaMet=True and Failed=true conditions',
  );
  refuse(
    errs,
    met && hasJobCondition(job, 'FailureTarget'),
    'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  );
  refuse(
    errs,
    job['spec'].successPolicy != null && !met && hasJobCondition(job, 'Complete'),
    'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
  );
}

function validateChanges(errs: Errors, change: Transition): void {
  const { job, old, status, before } = change;
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (!hasJobCondition(old, type) || hasJobCondition(job, type)) continue;
    errs.push(invalidUnshown(conditionsPath, `cannot disable the terminal ${type}=True condition`));
  }
  const { completions, parallelism, completionMode } = job['spec'];
  // an elastic job that is made smaller forgets what it has above its new size
  const elastic = completionMode === 'Indexed' && completions === parallelism;
  for (const name of elastic ? ['failed'] : ['failed', 'succeeded']) {
    if ((status[name] ?? 0) >= (before[name] ?? 0)) continue;
    errs.push(invalid(statusPath.child(name), status[name] ?? 0, `cannot decrease the ${name} counter`));
  }
  const end: string | undefined = status['completionTime'];
  if (end != null && before['completionTime'] != null && end !== before['completionTime']) {
    errs.push(invalid(statusPath.child('completionTime'), end, 'completionTime cannot be mutated'));
  }
  if (before['startTime'] != null && changes(change, 'startTime') && job['spec'].suspend !== true) {
    const message = 'startTime cannot be removed for unsuspended job';
    errs.push(required(statusPath.child('startTime'), message));
  }
  const wasMet = hasJobCondition(old, 'SuccessCriteriaMet');
  const met = hasJobCondition(job, 'SuccessCriteriaMet');
  refuse(errs, wasMet && !met, 'cannot disable the SuccessCriteriaMet=True condition');
  refuse(
    errs,
    hasJobCondition(old, 'Complete') && !wasMet && met,
    'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
  );
}
