import { FieldPath, isDNS1123Label, type KubeObject, type ResourceFact } from '@coxswain/machinery';
import { addressWarnings, rangeWarnings } from '../validation/address-warnings.ts';
import { secretWarnings } from '../validation/core/secret-warnings.ts';
import { serviceWarnings } from '../validation/core/service-warnings.ts';
import { deprecatedNodeLabels } from '../validation/pod/node-label-warnings.ts';
import { podWarnings } from '../validation/pod/pod-warnings.ts';
import {
  claimSpecWarnings,
  claimWarnings,
  persistentVolumeWarnings,
  storageClassWarnings,
} from '../validation/storage/storage-warnings.ts';
import { type Json, keysOf } from '../validation/values.ts';
import { appArmorWarnings } from './app-armor.ts';
import { templateGenerationOf } from './apps.ts';

type Warner = (object: KubeObject, old: KubeObject | undefined) => string[];

/** Such names are for admission that is configured in files of the server. */
const staticSuffix: Warner = ({ metadata }) =>
  metadata.name?.endsWith('.static.k8s.io')
    ? [
        'metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
      ]
    : [];

const templatePath = FieldPath.root('spec', 'template');

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

/** Whether the object is new, or wants something new. */
function wantsAnew(object: KubeObject, old: KubeObject | undefined): boolean {
  return old === undefined || old.metadata.generation !== object.metadata.generation;
}

const workload: Warner = (object, old) => [
  ...nameWarnings(object, old, 'Pod names and hostnames'),
  ...(wantsAnew(object, old) ? templateWarnings(object['spec'].template, templatePath) : []),
];

const manyCompletions = 100_000;
const muchParallelism = 10_000;

/** WarningsForJobSpec. */
function jobWarnings(spec: Json, path: FieldPath): string[] {
  const out = templateWarnings(spec['template'], path.child('template'));
  if (spec['completionMode'] !== 'Indexed') return out;
  if (!(spec['completions'] > manyCompletions && spec['parallelism'] > muchParallelism)) return out;
  return [
    `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
    ...out,
  ];
}

function cronJobWarnings(cronJob: KubeObject, old: KubeObject | undefined): string[] {
  const spec: Json = cronJob['spec'];
  const out = nameWarnings(cronJob, old, 'Pod names and hostnames');
  if (wantsAnew(cronJob, old)) {
    out.push(...jobWarnings(spec['jobTemplate']?.spec ?? {}, FieldPath.root('spec', 'jobTemplate', 'spec')));
  }
  if (old !== undefined && String(spec['schedule']).includes('TZ')) {
    const see = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
    out.push(
      `cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${see} for more details`,
    );
  }
  return out;
}

function statefulSetWarnings(set: KubeObject, old: KubeObject | undefined): string[] {
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
}

function nodeWarnings(node: KubeObject): string[] {
  const spec: Json = node['spec'] ?? {};
  const out: string[] = [];
  if (spec['configSource'] != null) out.push('spec.configSource: the feature is removed');
  if (spec['externalID']) out.push('spec.externalID: this field is deprecated, and is unused by Kubernetes');
  const ranges: readonly string[] = spec['podCIDRs'] ?? [];
  ranges.forEach((range, i) => {
    out.push(...rangeWarnings(FieldPath.root('spec', 'podCIDRs').index(i), range));
  });
  return out;
}

function networkPolicyWarnings(policy: KubeObject): string[] {
  const out: string[] = [];
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    const rules: readonly Json[] = policy['spec']?.[direction] ?? [];
    rules.forEach((rule, i) => {
      const list: readonly Json[] = rule[peers] ?? [];
      list.forEach(({ ipBlock }, j) => {
        if (ipBlock == null) return;
        const path = FieldPath.root('spec', direction).index(i).child(peers).index(j).child('ipBlock');
        out.push(...rangeWarnings(path.child('cidr'), ipBlock.cidr));
        const excepts: readonly string[] = ipBlock.except ?? [];
        excepts.forEach((except, k) => {
          out.push(...rangeWarnings(path.child('except').index(k), except));
        });
      });
    });
  }
  return out;
}

const sliceWriters: ReadonlySet<string | undefined> = new Set([
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
]);

function endpointSliceWarnings(slice: KubeObject, old: KubeObject | undefined): string[] {
  const out: string[] = [];
  if (slice['addressType'] === 'FQDN') {
    // upstream's own path, though there is no spec
    return old === undefined ? ['spec.addressType: FQDN endpoints are deprecated'] : out;
  }
  // controllers write addresses as they should be
  if (sliceWriters.has(slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'])) return out;
  const endpoints: readonly Json[] = slice['endpoints'] ?? [];
  endpoints.forEach((endpoint, i) => {
    const addresses: readonly string[] = endpoint['addresses'] ?? [];
    addresses.forEach((address, j) => {
      out.push(...addressWarnings(FieldPath.root('endpoints').index(i).child('addresses').index(j), address));
    });
  });
  return out;
}

function endpointsWarnings(endpoints: KubeObject): string[] {
  if (endpoints.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  const subsets: readonly Json[] = endpoints['subsets'] ?? [];
  return subsets.flatMap((subset, i) =>
    ['addresses', 'notReadyAddresses'].flatMap((list) => {
      const addresses: readonly Json[] = subset[list] ?? [];
      const path = FieldPath.root('subsets').index(i).child(list);
      return addresses.flatMap(({ ip }, j) => addressWarnings(path.index(j).child('ip'), ip));
    }),
  );
}

function runtimeClassWarnings(runtime: KubeObject): string[] {
  return keysOf(runtime['scheduling']?.nodeSelector)
    .filter((key) => deprecatedNodeLabels[key] !== undefined)
    .map((key) => `scheduling.nodeSelector: ${deprecatedNodeLabels[key]}`);
}

const mountableAnnotation = 'kubernetes.io/enforce-mountable-secrets';

const classAnnotation = 'kubernetes.io/ingress.class';

const warners: Readonly<Record<string, Warner>> = {
  '/Pod': (pod, old) =>
    old === undefined
      ? [
          ...nameWarnings(pod, old, "the Pod's hostname"),
          ...podWarnings(pod.metadata, pod['spec'], undefined),
          ...appArmorWarnings(pod),
        ]
      : [],
  '/PodTemplate': (object, old) =>
    wantsAnew(object, old) ? templateWarnings(object['template'], FieldPath.root('template')) : [],
  '/ReplicationController': workload,
  '/Service': serviceWarnings,
  '/Endpoints': endpointsWarnings,
  '/Node': nodeWarnings,
  '/PersistentVolume': persistentVolumeWarnings,
  '/PersistentVolumeClaim': claimWarnings,
  '/Secret': secretWarnings,
  '/ServiceAccount': (account) =>
    account.metadata.annotations?.[mountableAnnotation] === undefined
      ? []
      : [
          `metadata.annotations[${mountableAnnotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ],
  ...Object.fromEntries(
    [
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'ValidatingWebhookConfiguration',
    ].map((kind) => [`admissionregistration.k8s.io/${kind}`, staticSuffix]),
  ),
  'apps/Deployment': workload,
  'apps/ReplicaSet': workload,
  'apps/DaemonSet': (set, old) =>
    old === undefined || templateGenerationOf(old) !== templateGenerationOf(set)
      ? templateWarnings(set['spec'].template, templatePath)
      : [],
  'apps/StatefulSet': statefulSetWarnings,
  'batch/Job': (job, old) => [
    ...nameWarnings(job, old, 'Pod names and hostnames'),
    ...(wantsAnew(job, old) ? jobWarnings(job['spec'], FieldPath.root('spec')) : []),
  ],
  'batch/CronJob': cronJobWarnings,
  'discovery.k8s.io/EndpointSlice': endpointSliceWarnings,
  'networking.k8s.io/NetworkPolicy': networkPolicyWarnings,
  'node.k8s.io/RuntimeClass': runtimeClassWarnings,
  'storage.k8s.io/StorageClass': storageClassWarnings,
  'networking.k8s.io/Ingress': (ingress, old) =>
    old === undefined && ingress.metadata.annotations?.[classAnnotation] !== undefined
      ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
};

/** The addresses that a writer of a pod's status names. */
function podStatusWarnings(pod: KubeObject): string[] {
  return ['podIPs', 'hostIPs'].flatMap((list) => {
    const entries: readonly Json[] = pod['status']?.[list] ?? [];
    return entries.flatMap((entry, i) =>
      addressWarnings(FieldPath.root('status', list).index(i).child('ip'), entry['ip'] ?? ''),
    );
  });
}

function serviceStatusWarnings(service: KubeObject): string[] {
  const ingress: readonly Json[] = service['status']?.loadBalancer?.ingress ?? [];
  return ingress.flatMap(({ ip }, i) =>
    ip ? addressWarnings(FieldPath.root('status', 'loadBalancer', 'ingress').index(i), ip) : [],
  );
}

const statusWarners: Readonly<Record<string, (object: KubeObject) => string[]>> = {
  '/Pod': podStatusWarnings,
  '/Service': serviceStatusWarnings,
};

/** What the author of a new object should know though nothing is wrong: texts for the Warning header. */
export function warningsOnCreate(resource: ResourceFact, object: KubeObject): string[] {
  return warners[`${resource.group}/${resource.kind}`]?.(object, undefined) ?? [];
}

/** What the author of an update should know though nothing is wrong. */
export function warningsOnUpdate(resource: ResourceFact, object: KubeObject, old: KubeObject): string[] {
  return warners[`${resource.group}/${resource.kind}`]?.(object, old) ?? [];
}

/** The same of an update through a subresource. */
export function warningsOnSubresource(
  resource: ResourceFact,
  subresource: string,
  object: KubeObject,
): string[] {
  return subresource === 'status'
    ? (statusWarners[`${resource.group}/${resource.kind}`]?.(object) ?? [])
    : [];
}
