import { duplicate, invalid, required } from '@coxswain/machinery';
import { type Errors, invalidUnshown, type Json, nonNegative, statusPath } from '../values.ts';
import { parseIndexes } from './success-policy.ts';

const conditionsPath = statusPath.child('conditions');

function has(job: Json, type: string): boolean {
  const conditions: readonly Json[] = job['status']?.conditions ?? [];
  return conditions.some((c) => c['type'] === type && c['status'] === 'True');
}

/** ValidateJobStatusUpdate: a job's end is consistent and final. */
export function validateJobStatus(errs: Errors, job: Json, old: Json): void {
  const status: Json = job['status'] ?? {};
  const before: Json = old['status'] ?? {};
  for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating']) {
    nonNegative(errs, statusPath.child(name), status[name]);
  }
  validateUncounted(errs, status['uncountedTerminatedPods']);
  const complete = has(job, 'Complete');
  const failed = has(job, 'Failed');
  const met = has(job, 'SuccessCriteriaMet');
  const target = has(job, 'FailureTarget');
  const refuse = (when: boolean, detail: string): void => {
    if (when) errs.push(invalidUnshown(conditionsPath, detail));
  };
  refuse(complete && failed, 'cannot set Complete=True and Failed=true conditions');
  refuse(complete && target, 'cannot set Complete=True and FailureTarget=true conditions');
  validateTimes(errs, status, before, complete);
  refuse(failed && !target, 'cannot set Failed=True condition without the FailureTarget=true condition');
  refuse(
    complete && !met,
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  );
  validateFinished(errs, job, status, complete || failed);
  validateIndexes(errs, job, status);
  if (status['ready'] != null && status['ready'] > (status['active'] ?? 0)) {
    errs.push(invalid(statusPath.child('ready'), status['ready'], 'cannot set more ready pods than active'));
  }
  refuse(met && failed, 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  refuse(met && target, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  validateChanges(errs, job, old);
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

function validateTimes(errs: Errors, status: Json, before: Json, complete: boolean): void {
  const end: string | undefined = status['completionTime'];
  const path = statusPath.child('completionTime');
  if (end != null && !complete) {
    errs.push(invalid(path, end, 'cannot set completionTime when there is no Complete=True condition'));
  }
  if (end == null && complete) errs.push(required(path, 'completionTime is required for Complete jobs'));
  if (end != null && status['startTime'] != null && Date.parse(end) < Date.parse(status['startTime'])) {
    errs.push(invalid(path, end, 'completionTime cannot be set before startTime'));
  }
  if (end != null && before['completionTime'] != null && end !== before['completionTime']) {
    errs.push(invalid(path, end, 'completionTime cannot be mutated'));
  }
}

function validateFinished(errs: Errors, job: Json, status: Json, finished: boolean): void {
  if (!finished) return;
  const positive = (name: string): void => {
    if (!(status[name] > 0)) return;
    errs.push(invalid(statusPath.child(name), status[name], `${name}>0 is invalid for finished job`));
  };
  positive('active');
  if (status['startTime'] == null) {
    errs.push(required(statusPath.child('startTime'), 'startTime is required for finished job'));
  }
  const uncounted: Json | undefined = job['status'].uncountedTerminatedPods;
  if ((uncounted?.['failed']?.length ?? 0) + (uncounted?.['succeeded']?.length ?? 0) > 0) {
    const shown = { Succeeded: uncounted!['succeeded'] ?? null, Failed: uncounted!['failed'] ?? null };
    const message = 'uncountedTerminatedPods needs to be empty for finished job';
    errs.push(invalid(statusPath.child('uncountedTerminatedPods'), shown, message));
  }
  positive('terminating');
}

function validateIndexes(errs: Errors, job: Json, status: Json): void {
  const { completions, completionMode, backoffLimitPerIndex } = job['spec'];
  const check = (name: string): void => {
    if (completions == null || status[name] == null) return;
    const parsed = parseIndexes(status[name], completions);
    if (typeof parsed !== 'string') return;
    errs.push(invalid(statusPath.child(name), status[name], `error parsing ${name}: ${parsed}`));
  };
  check('completedIndexes');
  if (backoffLimitPerIndex != null) check('failedIndexes');
  if (status['completedIndexes'] && completionMode !== 'Indexed') {
    const message = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errs.push(invalid(statusPath.child('completedIndexes'), status['completedIndexes'], message));
  }
  if (backoffLimitPerIndex == null && status['failedIndexes'] != null) {
    const message = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errs.push(invalid(statusPath.child('failedIndexes'), status['failedIndexes'], message));
  }
}

function validateChanges(errs: Errors, job: Json, old: Json): void {
  const status: Json = job['status'] ?? {};
  const before: Json = old['status'] ?? {};
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (!has(old, type) || has(job, type)) continue;
    errs.push(invalidUnshown(conditionsPath, `cannot disable the terminal ${type}=True condition`));
  }
  for (const name of ['failed', 'succeeded']) {
    if ((status[name] ?? 0) >= (before[name] ?? 0)) continue;
    errs.push(invalid(statusPath.child(name), status[name] ?? 0, `cannot decrease the ${name} counter`));
  }
  if (
    before['startTime'] != null &&
    before['startTime'] !== status['startTime'] &&
    job['spec'].suspend !== true
  ) {
    const message = 'startTime cannot be removed for unsuspended job';
    errs.push(required(statusPath.child('startTime'), message));
  }
  if (has(old, 'SuccessCriteriaMet') && !has(job, 'SuccessCriteriaMet')) {
    errs.push(invalidUnshown(conditionsPath, 'cannot disable the SuccessCriteriaMet=True condition'));
  }
  if (has(old, 'Complete') && !has(old, 'SuccessCriteriaMet') && has(job, 'SuccessCriteriaMet')) {
    const message = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    errs.push(invalidUnshown(conditionsPath, message));
  }
}
