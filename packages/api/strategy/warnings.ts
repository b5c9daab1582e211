import { FieldPath, type KubeObject, type ResourceFact } from '@coxswain/machinery';
import { addressWarnings, rangeWarnings } from '../validation/address-warnings.ts';
import { secretWarnings } from '../validation/core/secret-warnings.ts';
import { serviceWarnings } from '../validation/core/service-warnings.ts';
import { deprecatedNodeLabels } from '../validation/pod/scheduling/node-label-warnings.ts';
import {
  claimWarnings,
  persistentVolumeWarnings,
  storageClassWarnings,
} from '../validation/storage/storage-warnings.ts';
import { type Json, keysOf } from '../validation/values.ts';
import {
  cronJobWarnings,
  daemonSetWarnings,
  jobWarnings,
  podKindWarnings,
  podStatusWarnings,
  podTemplateWarnings,
  statefulSetWarnings,
  type Warner,
  workloadWarnings,
} from './workload-warnings.ts';

/** Such names are for admission that is configured in files of the server. */
const staticSuffix: Warner = ({ metadata }) =>
  metadata.name?.endsWith('.static.k8s.io')
    ? [
        'metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
      ]
    : [];

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
  '/Pod': podKindWarnings,
  '/PodTemplate': podTemplateWarnings,
  '/ReplicationController': workloadWarnings,
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
  'apps/Deployment': workloadWarnings,
  'apps/ReplicaSet': workloadWarnings,
  'apps/DaemonSet': daemonSetWarnings,
  'apps/StatefulSet': statefulSetWarnings,
  'batch/Job': jobWarnings,
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
