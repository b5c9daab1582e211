import type { KubeObject } from '@coxswain/machinery';
import { defaultPodTemplate } from '../defaults/pod-spec.ts';
import { validateCronJob, validateCronJobCreate } from '../validation/batch/cron-job.ts';
import { validateJob, validateJobUpdate } from '../validation/batch/job.ts';
import { validateJobStatus } from '../validation/batch/job-status.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';

const maxInt32 = 2147483647;

function defaultFailurePolicy(spec: Json): void {
  for (const rule of spec['podFailurePolicy']?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
}

function defaultJob(job: Json): void {
  const spec: Json = ensure(job, 'spec');
  defaultPodTemplate(ensure(spec, 'template'));
  if (spec['completions'] == null && spec['parallelism'] == null) {
    spec['completions'] = 1;
    spec['parallelism'] = 1;
  }
  spec['parallelism'] ??= 1;
  spec['backoffLimit'] ??= spec['backoffLimitPerIndex'] == null ? 6 : maxInt32;
  const labels: Json | undefined = spec['template'].metadata?.labels;
  const own: Json | undefined = job['metadata'].labels;
  if (labels && (!own || Object.keys(own).length === 0)) job['metadata'].labels = { ...labels };
  spec['completionMode'] ??= 'NonIndexed';
  spec['suspend'] ??= false;
  defaultFailurePolicy(spec);
  spec['manualSelector'] ??= false;
  spec['podReplacementPolicy'] ??= spec['podFailurePolicy'] ? 'Failed' : 'TerminatingOrFailed';
}

/** generateSelector: the job's pods carry its identity, and it selects by it. */
function generateSelector(job: KubeObject): void {
  const spec: Json = job['spec'];
  const metadata: Json = ensure(spec['template'], 'metadata');
  const { uid, name } = job.metadata;
  const identity: Record<string, string> = {
    'batch.kubernetes.io/controller-uid': uid ?? '',
    'batch.kubernetes.io/job-name': name ?? '',
    'controller-uid': uid ?? '',
    'job-name': name ?? '',
  };
  if (spec['manualSelector'] === true) return;
  metadata['labels'] = { ...identity, ...metadata['labels'] };
  if (!job.metadata.labels || Object.keys(job.metadata.labels).length === 0) {
    job.metadata.labels = { ...metadata['labels'] };
  }
  spec['selector'] ??= {};
  // what the author says instead will be found wrong
  spec['selector'].matchLabels = {
    'batch.kubernetes.io/controller-uid': uid ?? '',
    ...spec['selector'].matchLabels,
  };
}

export const jobRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: defaultJob,
  prepareForCreate: generateSelector,
  validate: (errs, job, _, old) => validateJob(errs, job, old),
  update: { asNew: true, validate: validateJobUpdate },
  subresources: { status: { validate: validateJobStatus } },
};

export const cronJobRules: KindRules = {
  allowUnconditionalUpdate: true,
  generation: true,
  defaults: (cronJob) => {
    const spec: Json = ensure(cronJob, 'spec');
    spec['concurrencyPolicy'] ||= 'Allow';
    spec['suspend'] ??= false;
    spec['successfulJobsHistoryLimit'] ??= 3;
    spec['failedJobsHistoryLimit'] ??= 1;
    const job: Json = ensure(ensure(spec, 'jobTemplate'), 'spec');
    defaultPodTemplate(ensure(job, 'template'));
    defaultFailurePolicy(job);
  },
  validate: validateCronJobCreate,
  update: { validate: validateCronJob },
};
