import { FieldPath, invalid, notSupported, required } from '@coxswain/machinery';
import { printedSelector } from '../label-selector.ts';
import { blank, byteLength, type Errors, type Json, nonNegative, specPath } from '../values.ts';
import { cronScheduleProblem } from './cron-schedule.ts';
import { validateJobSpec } from './job.ts';
import { isKnownTimeZone } from './time-zone.ts';

// a job's name has 63 characters, of which the controller takes 11 for the time
const longestName = 52;

/** ValidateCronJobCreate without the metadata's generic part. */
export function validateCronJobCreate(errs: Errors, cronJob: Json): void {
  validateCronJob(errs, cronJob, undefined);
  const name: string = cronJob['metadata'].name ?? '';
  if (byteLength(name) > longestName) {
    const message = `must be no more than ${longestName} characters`;
    errs.push(invalid(FieldPath.root('metadata', 'name'), name, message));
  }
}

/** The spec of a cron job; an update keeps what was valid once. */
export function validateCronJob(errs: Errors, cronJob: Json, old: Json | undefined): void {
  const spec: Json = cronJob['spec'];
  if (blank(spec['schedule'])) errs.push(required(specPath.child('schedule')));
  else validateSchedule(errs, spec, old?.['spec'].schedule?.includes('TZ') ?? false);
  nonNegative(errs, specPath.child('startingDeadlineSeconds'), spec['startingDeadlineSeconds']);
  if (spec['timeZone'] != null && spec['timeZone'] !== old?.['spec'].timeZone) {
    validateTimeZone(errs, spec['timeZone'], specPath.child('timeZone'));
  }
  const policy: string = spec['concurrencyPolicy'] ?? '';
  const policies = ['Allow', 'Forbid', 'Replace'];
  const policyPath = specPath.child('concurrencyPolicy');
  if (policy === '') errs.push(required(policyPath));
  else if (!policies.includes(policy)) errs.push(notSupported(policyPath, policy, policies));
  const job: Json = spec['jobTemplate']?.spec ?? {};
  const path = specPath.child('jobTemplate').child('spec');
  validateJobSpec(errs, job, path, old?.['spec'].jobTemplate?.spec?.template);
  if (job['selector'] != null) {
    const shown = printedSelector(job['selector']);
    errs.push(invalid(path.child('selector'), shown, '`selector` will be auto-generated'));
  }
  if (job['manualSelector'] === true) {
    errs.push(notSupported(path.child('manualSelector'), true, ['nil', 'false']));
  }
  nonNegative(errs, specPath.child('successfulJobsHistoryLimit'), spec['successfulJobsHistoryLimit']);
  nonNegative(errs, specPath.child('failedJobsHistoryLimit'), spec['failedJobsHistoryLimit']);
}

function validateSchedule(errs: Errors, spec: Json, zoneAllowed: boolean): void {
  const schedule: string = spec['schedule'];
  const path = specPath.child('schedule');
  const problem = cronScheduleProblem(schedule);
  if (problem != null) errs.push(invalid(path, schedule, problem));
  if (!schedule.includes('TZ')) return;
  if (!zoneAllowed) {
    const message = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errs.push(invalid(path, schedule, message));
  } else if (spec['timeZone'] != null) {
    const message = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errs.push(invalid(path, schedule, message));
  }
}

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/;

function validateTimeZone(errs: Errors, zone: string, path: FieldPath): void {
  if (zone === '') {
    errs.push(invalid(path, zone, 'timeZone must be nil or non-empty string'));
    return;
  }
  const unknown = `unknown time zone ${zone}`;
  for (const part of zone.split('/')) {
    if (part !== '.' && part !== '..' && !part.startsWith('-') && zonePart.test(part)) continue;
    errs.push(invalid(path, zone, unknown));
    return;
  }
  if (zone.toLowerCase() === 'local') {
    const message = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errs.push(invalid(path, zone, message));
    if (zone === 'Local') return;
  }
  if (!isKnownTimeZone(zone)) errs.push(invalid(path, zone, unknown));
}
