import type { FieldSpec } from './field-spec.ts';

const apps = { group: 'apps' };
const batch = { group: 'batch' };
const network = { group: 'networking.k8s.io' };

/** Where labels go that select nothing. */
export const metadataLabels: FieldSpec = { path: 'metadata/labels', create: true };

/** Labels of what templates make. */
export const templateLabels: readonly FieldSpec[] = [
  { path: 'spec/template/metadata/labels', create: true, version: 'v1', kind: 'ReplicationController' },
  ...['Deployment', 'ReplicaSet', 'DaemonSet'].map((kind) => ({
    path: 'spec/template/metadata/labels',
    create: true,
    kind,
  })),
  { path: 'spec/template/metadata/labels', create: true, ...apps, kind: 'StatefulSet' },
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', create: true, ...apps, kind: 'StatefulSet' },
  { path: 'spec/template/metadata/labels', create: true, ...batch, kind: 'Job' },
  { path: 'spec/jobTemplate/metadata/labels', create: true, ...batch, kind: 'CronJob' },
  { path: 'spec/jobTemplate/spec/template/metadata/labels', create: true, ...batch, kind: 'CronJob' },
];

const podAffinity = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
  `affinity/${kind}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `affinity/${kind}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
]);

/** Every place of a label that is common to all objects, selectors too. */
export const commonLabels: readonly FieldSpec[] = [
  metadataLabels,
  ...templateLabels,
  { path: 'spec/selector', create: true, version: 'v1', kind: 'Service' },
  { path: 'spec/selector', create: true, version: 'v1', kind: 'ReplicationController' },
  ...['Deployment', 'ReplicaSet', 'DaemonSet'].map((kind) => ({
    path: 'spec/selector/matchLabels',
    create: true,
    kind,
  })),
  { path: 'spec/selector/matchLabels', create: true, ...apps, kind: 'StatefulSet' },
  ...['Deployment', 'StatefulSet'].flatMap((kind) =>
    [...podAffinity, 'topologySpreadConstraints/labelSelector/matchLabels'].map((path) => ({
      path: `spec/template/spec/${path}`,
      ...apps,
      kind,
    })),
  ),
  { path: 'spec/selector/matchLabels', ...batch, kind: 'Job' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', ...batch, kind: 'CronJob' },
  { path: 'spec/selector/matchLabels', group: 'policy', kind: 'PodDisruptionBudget' },
  ...['spec/podSelector', 'spec/ingress/from/podSelector', 'spec/egress/to/podSelector'].map((path) => ({
    path: `${path}/matchLabels`,
    ...network,
    kind: 'NetworkPolicy',
  })),
];

/** Every place of an annotation that is common to all objects. */
export const commonAnnotations: readonly FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  { path: 'spec/template/metadata/annotations', create: true, version: 'v1', kind: 'ReplicationController' },
  ...['Deployment', 'ReplicaSet', 'DaemonSet'].map((kind) => ({
    path: 'spec/template/metadata/annotations',
    create: true,
    kind,
  })),
  { path: 'spec/template/metadata/annotations', create: true, ...apps, kind: 'StatefulSet' },
  { path: 'spec/template/metadata/annotations', create: true, ...batch, kind: 'Job' },
  { path: 'spec/jobTemplate/metadata/annotations', create: true, ...batch, kind: 'CronJob' },
  { path: 'spec/jobTemplate/spec/template/metadata/annotations', create: true, ...batch, kind: 'CronJob' },
];

/** Kinds that a number of replicas is set of. */
export const replicaKinds: readonly FieldSpec[] = [
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
].map((kind) => ({ path: 'spec/replicas', create: true, kind }));

/** Where the namespace stands besides the metadata. */
export const namespaceFields: readonly FieldSpec[] = [
  { path: 'metadata/name', kind: 'Namespace', create: true },
  { path: 'spec/service/namespace', group: 'apiregistration.k8s.io', kind: 'APIService', create: true },
  {
    path: 'spec/conversion/webhook/clientConfig/service/namespace',
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
  },
];

/** Kinds whose names are not given prefixes and suffixes. */
export const keepsName: readonly FieldSpec[] = [
  { path: '', kind: 'CustomResourceDefinition' },
  { path: '', group: 'apiregistration.k8s.io', kind: 'APIService' },
  { path: '', kind: 'Namespace' },
];
