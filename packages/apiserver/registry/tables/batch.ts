import { humanDuration, type KubeObject } from '@coxswain/machinery';
import { age, containerCells, nameOf, orNone, selectorText, since } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch, wide } from './table.ts';
import { templateColumns } from './workloads.ts';

/** First match wins. */
const jobStates = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
] as const;

function jobStatus(job: KubeObject): string {
  const conditions = (job['status']?.conditions ?? []) as { type: string; status: string }[];
  for (const [type, text] of jobStates) {
    const holds =
      type === ''
        ? job.metadata.deletionTimestamp !== undefined
        : conditions.find((c) => c.type === type)?.status === 'True';
    if (holds) return text;
  }
  return 'Running';
}

function completions(job: KubeObject): string {
  const succeeded = job['status']?.succeeded ?? 0;
  const { completions: wanted, parallelism = 0 } = job['spec'] ?? {};
  if (wanted !== undefined && wanted !== null) return `${succeeded}/${wanted}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, now: number): string {
  const { startTime, completionTime } = job['status'] ?? {};
  if (!startTime) return '';
  return humanDuration((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime));
}

export const jobs: TableSketch = {
  columns: [
    nameColumn,
    column('Status', 'Status of the job.'),
    column('Completions', field('batch.v1.JobStatus', 'succeeded')),
    column('Duration', 'Time required to complete the job.'),
    ageColumn,
    ...templateColumns,
    wide('Selector', field('batch.v1.JobSpec', 'selector')),
  ],
  cells: (job, now) => [
    nameOf(job),
    jobStatus(job),
    completions(job),
    jobDuration(job, now),
    age(job, now),
    ...containerCells(job['spec']?.template?.spec),
    selectorText(job['spec']?.selector),
  ],
};

function boolText(value: boolean | undefined | null): string {
  return value === undefined || value === null ? '<unset>' : value ? 'True' : 'False';
}

export const cronJobs: TableSketch = {
  columns: [
    nameColumn,
    column('Schedule', field('batch.v1.CronJobSpec', 'schedule')),
    column('Timezone', field('batch.v1.CronJobSpec', 'timeZone')),
    column('Suspend', field('batch.v1.CronJobSpec', 'suspend'), 'boolean'),
    column('Active', field('batch.v1.CronJobStatus', 'active'), 'integer'),
    column('Last Schedule', field('batch.v1.CronJobStatus', 'lastScheduleTime')),
    ageColumn,
    ...templateColumns,
    wide('Selector', field('batch.v1.JobSpec', 'selector')),
  ],
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    return [
      nameOf(object),
      spec.schedule ?? '',
      orNone(spec.timeZone),
      boolText(spec.suspend),
      (status.active ?? []).length,
      status.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>',
      age(object, now),
      ...containerCells(spec.jobTemplate?.spec?.template?.spec),
      selectorText(spec.jobTemplate?.spec?.selector),
    ];
  },
};
