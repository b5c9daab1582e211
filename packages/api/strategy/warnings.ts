import { FieldPath, isDNS1123Label, type KubeObject, type ResourceFact } from '@coxswain/machinery';
import { isHeadless } from '../validation/core/service-fields.ts';
import { podWarnings } from '../validation/pod/pod-warnings.ts';
import type { Json } from '../validation/values.ts';

type Warner = (object: KubeObject, old: KubeObject | undefined) => string[];

const templatePath = FieldPath.root('spec', 'template');
const jobTemplatePath = FieldPath.root('spec', 'jobTemplate', 'spec', 'template');

/** A name that becomes part of host names had better be a label. */
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

const workload: Warner = (object, old) => [
  ...nameWarnings(object, old, 'Pod names and hostnames'),
  ...(old === undefined || old.metadata.generation !== object.metadata.generation
    ? templateWarnings(object['spec'].template, templatePath)
    : []),
];

function serviceWarnings(service: KubeObject): string[] {
  const spec: Json = service['spec'];
  const out: string[] = [];
  const ignored = (field: string): void => void out.push(`${field} is ignored for headless services`);
  if (service.metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) {
    const [old, now] = ['service.kubernetes.io/topology-aware-hints', 'service.kubernetes.io/topology-mode'];
    out.push(`annotation ${old} is deprecated, please use ${now} instead`);
  }
  const externalIPs: readonly string[] = spec['externalIPs'] ?? [];
  if (isHeadless(spec) && spec['type'] === 'ClusterIP') {
    if (spec['loadBalancerIP']) ignored('spec.loadBalancerIP');
    if (externalIPs.length > 0) ignored('spec.externalIPs');
    if (spec['sessionAffinity'] !== 'None') ignored('spec.SessionAffinity');
  }
  const isName = spec['type'] === 'ExternalName';
  if (isName && externalIPs.length > 0)
    out.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (!isName && spec['externalName']) {
    out.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec['trafficDistribution'] === 'PreferClose') {
    out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return out;
}

const classAnnotation = 'kubernetes.io/ingress.class';

const warners: Readonly<Record<string, Warner>> = {
  '/Pod': (pod, old) => [
    ...nameWarnings(pod, old, "the Pod's hostname"),
    ...podWarnings(pod.metadata, pod['spec'], undefined),
  ],
  '/PodTemplate': (object) => templateWarnings(object['template'], FieldPath.root('template')),
  '/ReplicationController': workload,
  '/Service': serviceWarnings,
  '/PersistentVolume': (volume) =>
    volume['spec'].persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : [],
  'apps/Deployment': workload,
  'apps/ReplicaSet': workload,
  'apps/DaemonSet': (set) => templateWarnings(set['spec'].template, templatePath),
  'apps/StatefulSet': (set) => {
    const out = templateWarnings(set['spec'].template, templatePath);
    if (set['spec'].revisionHistoryLimit < 0) {
      out.push(
        'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
      );
    }
    return out;
  },
  'batch/Job': workload,
  'batch/CronJob': (cronJob, old) => [
    ...nameWarnings(cronJob, old, 'Pod names and hostnames'),
    ...templateWarnings(cronJob['spec'].jobTemplate?.spec?.template, jobTemplatePath),
  ],
  'networking.k8s.io/Ingress': (ingress, old) =>
    old === undefined && ingress.metadata.annotations?.[classAnnotation] !== undefined
      ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
};

/** What the author of a new object should know though nothing is wrong: texts for the Warning header. */
export function warningsOnCreate(resource: ResourceFact, object: KubeObject): string[] {
  return warners[`${resource.group}/${resource.kind}`]?.(object, undefined) ?? [];
}

/** What the author of an update should know though nothing is wrong. */
export function warningsOnUpdate(resource: ResourceFact, object: KubeObject, old: KubeObject): string[] {
  return warners[`${resource.group}/${resource.kind}`]?.(object, old) ?? [];
}
