import type { Describer } from './describer.ts';
import { annotationsMultiline, formatSelector, formatTimestamp, labelsMultiline } from './format.ts';
import { describeTemplate } from './pod-template.ts';

export const describeQuota: Describer = (lines, object) => {
  const { metadata, spec = {}, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  const scopes = [...(spec.scopes ?? [])].sort();
  if (scopes.length > 0) lines.add(0, `Scopes:\t${scopes.join(', ')}`);
  lines.add(0, 'Resource\tUsed\tHard');
  lines.add(0, '--------\t----\t----');
  for (const [name, hard] of Object.entries(status.hard ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.add(0, `${name}\t${status.used?.[name] ?? '0'}\t${hard}`);
  }
};

export const describeLimitRange: Describer = (lines, object) => {
  const { metadata, spec } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  lines.add(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  for (const item of spec.limits ?? []) {
    const lists = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio];
    const names = [...new Set(lists.flatMap((list) => Object.keys(list ?? {})))].sort();
    for (const name of names)
      lines.add(0, `${item.type}\t${name}\t${lists.map((list) => list?.[name] ?? '-').join('\t')}`);
  }
};

export const describeDisruptionBudget: Describer = (lines, object) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  if (spec.minAvailable !== undefined) lines.add(0, `Min available:\t${spec.minAvailable}`);
  else if (spec.maxUnavailable !== undefined) lines.add(0, `Max unavailable:\t${spec.maxUnavailable}`);
  lines.add(0, `Selector:\t${spec.selector ? formatSelector(spec.selector) : '<unset>'}`);
  lines.add(0, 'Status:');
  lines.add(2, `Allowed disruptions:\t${status.disruptionsAllowed ?? 0}`);
  lines.add(2, `Current:\t${status.currentHealthy ?? 0}`);
  lines.add(2, `Desired:\t${status.desiredHealthy ?? 0}`);
  lines.add(2, `Total:\t${status.expectedPods ?? 0}`);
};

export const describeCronJob: Describer = (lines, object) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Schedule:\t${spec.schedule}`);
  lines.add(0, `Concurrency Policy:\t${spec.concurrencyPolicy}`);
  lines.add(0, `Suspend:\t${spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False'}`);
  lines.add(0, `Successful Job History Limit:\t${spec.successfulJobsHistoryLimit ?? '<unset>'}`);
  lines.add(0, `Failed Job History Limit:\t${spec.failedJobsHistoryLimit ?? '<unset>'}`);
  const deadline = spec.startingDeadlineSeconds;
  lines.add(0, `Starting Deadline Seconds:\t${deadline === undefined ? '<unset>' : `${deadline}s`}`);
  const job = spec.jobTemplate.spec;
  lines.add(0, `Selector:\t${job.selector ? formatSelector(job.selector) : '<unset>'}`);
  lines.add(0, `Parallelism:\t${job.parallelism ?? '<unset>'}`);
  lines.add(0, `Completions:\t${job.completions ?? '<unset>'}`);
  if (job.activeDeadlineSeconds !== undefined)
    lines.add(0, `Active Deadline Seconds:\t${job.activeDeadlineSeconds}s`);
  describeTemplate(lines, job.template);
  lines.add(
    0,
    `Last Schedule Time:\t${status.lastScheduleTime ? formatTimestamp(status.lastScheduleTime) : '<unset>'}`,
  );
  const active = (status.active ?? []).map((each: any) => each.name);
  lines.add(0, `Active Jobs:\t${active.join(', ') || '<none>'}`);
};
