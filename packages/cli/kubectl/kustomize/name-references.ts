import { Failure } from '../error-text.ts';
import { changeField, type FieldSpec, isOfKind } from './field-spec.ts';
import { idText, isClusterScoped, type Resource, sameNamespace } from './resource.ts';

/** Fields that hold the name of an object of a kind. */
interface NameReference {
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly fields: readonly FieldSpec[];
}

const podSpecs: Readonly<Record<string, string>> = {
  Pod: 'spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  ReplicationController: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
};
const workloads = ['Pod', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob'];
const templated = [
  'Pod',
  'StatefulSet',
  'Deployment',
  'ReplicationController',
  'CronJob',
  'Job',
  'DaemonSet',
];
const rbac = 'rbac.authorization.k8s.io';
const webhooks = 'admissionregistration.k8s.io';

function inPods(kinds: readonly string[], paths: readonly string[]): FieldSpec[] {
  return kinds.flatMap((kind) =>
    paths.map((path) => ({
      path: `${podSpecs[kind]}/${path}`,
      kind,
      ...(kind === 'Pod' ? { version: 'v1' } : {}),
    })),
  );
}

function inContainers(env: string, envFrom: string): string[] {
  return ['containers', 'initContainers'].flatMap((list) => [
    `${list}/env/valueFrom/${env}/name`,
    `${list}/envFrom/${envFrom}/name`,
  ]);
}

const ruleNames = ['Role', 'ClusterRole'].map((kind) => ({ path: 'rules/resourceNames', kind }));

/** kustomize's table of references. */
const references: readonly NameReference[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => ({
    kind,
    fields: [{ path: 'spec/scaleTargetRef/name', kind: 'HorizontalPodAutoscaler' }],
  })),
  {
    kind: 'ConfigMap',
    version: 'v1',
    fields: [
      ...inPods(workloads, [
        'volumes/configMap/name',
        'volumes/projected/sources/configMap/name',
        ...inContainers('configMapKeyRef', 'configMapRef'),
      ]),
      { path: 'spec/configSource/configMap', kind: 'Node' },
      ...ruleNames,
      {
        path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap',
        kind: 'Ingress',
      },
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    fields: [
      ...inPods(workloads, [
        'volumes/secret/secretName',
        'volumes/projected/sources/secret/name',
        'imagePullSecrets/name',
        ...inContainers('secretKeyRef', 'secretRef'),
      ]),
      { path: 'spec/tls/secretName', kind: 'Ingress' },
      ...[
        'ingress.kubernetes.io\\/auth-secret',
        'nginx.ingress.kubernetes.io\\/auth-secret',
        'nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ].map((name) => ({ path: `metadata/annotations/${name}`, kind: 'Ingress' })),
      { path: 'imagePullSecrets/name', kind: 'ServiceAccount' },
      ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map((name) => ({
        path: `parameters/${name}`,
        kind: 'StorageClass',
      })),
      ...ruleNames,
      { path: 'spec/azureFile/secretName', kind: 'PersistentVolume' },
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    fields: [
      { path: 'spec/serviceName', kind: 'StatefulSet', group: 'apps' },
      ...[
        'rules/http/paths/backend/serviceName',
        'backend/serviceName',
        'rules/http/paths/backend/service/name',
        'defaultBackend/service/name',
      ].map((path) => ({ path: `spec/${path}`, kind: 'Ingress' })),
      { path: 'spec/service/name', kind: 'APIService', group: 'apiregistration.k8s.io' },
      { path: 'webhooks/clientConfig/service', kind: 'ValidatingWebhookConfiguration', group: webhooks },
      { path: 'webhooks/clientConfig/service', kind: 'MutatingWebhookConfiguration', group: webhooks },
    ],
  },
  { kind: 'Role', group: rbac, fields: [{ path: 'roleRef/name', kind: 'RoleBinding', group: rbac }] },
  {
    kind: 'ClusterRole',
    group: rbac,
    fields: ['RoleBinding', 'ClusterRoleBinding'].map((kind) => ({
      path: 'roleRef/name',
      kind,
      group: rbac,
    })),
  },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    fields: [
      ...['RoleBinding', 'ClusterRoleBinding'].map((kind) => ({ path: 'subjects', kind, group: rbac })),
      ...inPods(templated, ['serviceAccountName']),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    version: 'v1',
    fields: inPods(templated, ['volumes/persistentVolumeClaim/claimName']),
  },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    fields: [
      { path: 'spec/volumeName', kind: 'PersistentVolumeClaim' },
      { path: 'rules/resourceNames', kind: 'ClusterRole' },
    ],
  },
  {
    kind: 'StorageClass',
    group: 'storage.k8s.io',
    version: 'v1',
    fields: [
      { path: 'spec/storageClassName', kind: 'PersistentVolume' },
      { path: 'spec/storageClassName', kind: 'PersistentVolumeClaim' },
      { path: 'spec/volumeClaimTemplates/spec/storageClassName', kind: 'StatefulSet' },
    ],
  },
  {
    kind: 'PriorityClass',
    group: 'scheduling.k8s.io',
    version: 'v1',
    fields: inPods(templated, ['priorityClassName']),
  },
];

/** Gives references the names that what they refer to has by now. Throws `Failure` when it could be several. */
export function fixNameReferences(resources: readonly Resource[]): void {
  for (const referrer of resources) {
    for (const reference of references) {
      for (const field of reference.fields) {
        if (!isOfKind(field, referrer.id)) continue;
        changeField(referrer.object, { path: field.path }, (value) =>
          renamed(value, referrer, reference, field, resources),
        );
      }
    }
  }
}

function renamed(
  value: unknown,
  referrer: Resource,
  reference: NameReference,
  field: FieldSpec,
  resources: readonly Resource[],
): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, referrer, reference, field, resources));
  if (typeof value === 'string') {
    return selected(value, referrer, reference, field, resources)?.id.name ?? value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const { name, namespace } = value as { readonly name?: string; readonly namespace?: string };
  if (name === undefined) return value;
  const there = namespace === undefined ? resources : inNamespace(resources, namespace);
  const id = selected(name, referrer, reference, field, there)?.id;
  if (id === undefined) return value;
  return { ...value, name: id.name, ...(id.namespace === '' ? {} : { namespace: id.namespace }) };
}

/** Those that were first in the namespace; else those that are in it now. */
function inNamespace(resources: readonly Resource[], namespace: string): readonly Resource[] {
  const first = resources.filter((each) => (each.originalId.namespace || 'default') === namespace);
  return first.length > 0
    ? first
    : resources.filter((each) => (each.id.namespace || 'default') === namespace);
}

/** The one that the name meant. */
function selected(
  name: string,
  referrer: Resource,
  reference: NameReference,
  field: FieldSpec,
  resources: readonly Resource[],
): Resource | undefined {
  const role =
    field.path === 'roleRef/name'
      ? (referrer.object['roleRef'] as { apiGroup?: string; kind?: string })
      : undefined;
  const candidates = resources.filter(
    (each) =>
      each.previous.some((id) => id.name === name) &&
      each.previous.some((id) => isOfKind(reference, id)) &&
      (role?.kind === undefined ||
        each.previous.some((id) => id.kind === role.kind && id.group === role.apiGroup)) &&
      (isClusterScoped(referrer.id) ||
        isClusterScoped(each.id) ||
        each.id.kind === 'ServiceAccount' ||
        sameNamespace(referrer.id, each.id)),
  );
  if (candidates.length < 2) return candidates[0];
  const close = candidates.filter(
    (each) => sameEnd(each.prefixes, referrer.prefixes) && sameEnd(each.suffixes, referrer.suffixes),
  );
  if (close.every((each) => each.id.name === close[0]?.id.name)) return close[0];
  throw new Failure(
    `updating name reference in '${field.path}' field of '${idText(referrer.id)}': found multiple possible referrals: ${close.map((each) => idText(each.id)).join(', ')}`,
  );
}

/** Whether one list is the end of the other. */
function sameEnd(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(a.length - length).every((item, i) => item === b[b.length - length + i]);
}
