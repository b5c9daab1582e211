import { FieldPath, isDNS1123Label, type KubeObject } from '@coxswain/machinery';
import { addressWarnings } from '../validation/address-warnings.ts';
import { podWarnings } from '../validation/pod/pod-warnings.ts';
import { claimSpecWarnings } from '../validation/storage/storage-warnings.ts';
import type { Json } from '../validation/values.ts';
import { appArmorWarnings } from './app-armor.ts';
import { templateGenerationOf } from './apps.ts';

/** What the author of an object should know; `old` is the stored object of an update. */
export type Warner = (object: KubeObject, old: KubeObject | undefined) => string[];

const templatePath = FieldPath.root('spec', 'template');
const hostnames = 'Pod names and hostnames';

/** A new object whose name becomes part of host names had better be named by a label. */
function nameWarnings(object: KubeObject, old: KubeObject | undefined, what: string): string[] {
  if (old !== undefined) return [];
  const messages = isDNS1123Label(object.metadata.name ?? '');
  if (messages.length === 0) return [];
  const advice = 'which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: this is used in ${what}, ${advice}: [${messages.join(' ')}]`];
}

function templateWarnings(template: Json | undefined, path: FieldPath): string[] {
  return template ? podWarnings(template['metadata'] ?? {}, template['spec'] ?? {}, path) : [];
}

/** Whether the object is new, or wants something new. */
function wantsAnew(object: KubeObject, old: KubeObject | undefined): boolean {
  return old === undefined || old.metadata.generation !== object.metadata.generation;
}

/** A pod can hardly change: only its creator is warned. */
export const podKindWarnings: Warner = (pod, old) =>
  old === undefined
    ? [
        ...nameWarnings(pod, old, "the Pod's hostname"),
        ...podWarnings(pod.metadata, pod['spec'], undefined),
        ...appArmorWarnings(pod),
      ]
    : [];

/** The addresses that a writer of a pod's status names. */
export function podStatusWarnings(pod: KubeObject): string[] {
  return ['podIPs', 'hostIPs'].flatMap((list) => {
    const entries: readonly Json[] = pod['status']?.[list] ?? [];
    return entries.flatMap((entry, i) =>
      addressWarnings(FieldPath.root('status', list).index(i).child('ip'), entry['ip'] ?? ''),
    );
  });
}

export const podTemplateWarnings: Warner = (object, old) =>
  wantsAnew(object, old) ? templateWarnings(object['template'], FieldPath.root('template')) : [];

/** Deployments, replica sets and replication controllers. */
export const workloadWarnings: Warner = (object, old) => [
  ...nameWarnings(object, old, hostnames),
  ...(wantsAnew(object, old) ? templateWarnings(object['spec'].template, templatePath) : []),
];

export const daemonSetWarnings: Warner = (set, old) =>
  old === undefined || templateGenerationOf(old) !== templateGenerationOf(set)
    ? templateWarnings(set['spec'].template, templatePath)
    : [];

export const statefulSetWarnings: Warner = (set, old) => {
  const out = wantsAnew(set, old) ? templateWarnings(set['spec'].template, templatePath) : [];
  const claims: readonly Json[] = set['spec'].volumeClaimTemplates ?? [];
  claims.forEach((claim, i) => {
    const path = FieldPath.root('spec', 'volumeClaimTemplates').index(i);
    out.push(...claimSpecWarnings(claim['spec'], old === undefined ? path : path.child('Spec')));
  });
  if (set['spec'].revisionHistoryLimit < 0) {
    out.push(
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    );
  }
  return out;
};

const manyCompletions = 100_000;
const muchParallelism = 10_000;

/** WarningsForJobSpec. */
function jobSpecWarnings(spec: Json, path: FieldPath): string[] {
  const out = templateWarnings(spec['template'], path.child('template'));
  if (spec['completionMode'] !== 'Indexed') return out;
  if (!(spec['completions'] > manyCompletions && spec['parallelism'] > muchParallelism)) return out;
  return [
    `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
    ...out,
  ];
}

export const jobWarnings: Warner = (job, old) => [
  ...nameWarnings(job, old, hostnames),
  ...(wantsAnew(job, old) ? jobSpecWarnings(job['spec'], FieldPath.root('spec')) : []),
];

export const cronJobWarnings: Warner = (cronJob, old) => {
  const spec: Json = cronJob['spec'];
  const out = nameWarnings(cronJob, old, hostnames);
  if (wantsAnew(cronJob, old)) {
    const path = FieldPath.root('spec', 'jobTemplate', 'spec');
    out.push(...jobSpecWarnings(spec['jobTemplate']?.spec ?? {}, path));
  }
  if (old !== undefined && String(spec['schedule']).includes('TZ')) {
    const see = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
    // the path is upstream's own
    out.push(
      `cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${see} for more details`,
    );
  }
  return out;
};
