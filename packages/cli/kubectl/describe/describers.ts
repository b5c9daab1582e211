import type { ResourceMapping } from '../discovery.ts';
import type { Describer } from './describer.ts';

const loaders: Readonly<Record<string, () => Promise<Describer>>> = {
  'Pod.': async () => (await import('./pod.ts')).describePod,
  'Node.': async () => (await import('./node.ts')).describeNode,
  'Service.': async () => (await import('./service.ts')).describeService,
  'ConfigMap.': async () => (await import('./config.ts')).describeConfigMap,
  'Secret.': async () => (await import('./config.ts')).describeSecret,
  'Namespace.': async () => (await import('./config.ts')).describeNamespace,
  'ServiceAccount.': async () => (await import('./config.ts')).describeServiceAccount,
  'PersistentVolumeClaim.': async () => (await import('./storage.ts')).describeClaim,
  'PersistentVolume.': async () => (await import('./storage.ts')).describeVolume,
  'StorageClass.storage.k8s.io': async () => (await import('./storage.ts')).describeStorageClass,
  'PriorityClass.scheduling.k8s.io': async () => (await import('./storage.ts')).describePriorityClass,
  'Ingress.networking.k8s.io': async () => (await import('./networking.ts')).describeIngress,
  'NetworkPolicy.networking.k8s.io': async () => (await import('./networking.ts')).describeNetworkPolicy,
  'Endpoints.': async () => (await import('./networking.ts')).describeEndpoints,
  'EndpointSlice.discovery.k8s.io': async () => (await import('./networking.ts')).describeEndpointSlice,
  'ResourceQuota.': async () => (await import('./policy.ts')).describeQuota,
  'LimitRange.': async () => (await import('./policy.ts')).describeLimitRange,
  'PodDisruptionBudget.policy': async () => (await import('./policy.ts')).describeDisruptionBudget,
  'CronJob.batch': async () => (await import('./policy.ts')).describeCronJob,
  'ReplicationController.': async () => (await import('./workloads.ts')).describeReplicaSet,
  'Deployment.apps': async () => (await import('./workloads.ts')).describeDeployment,
  'ReplicaSet.apps': async () => (await import('./workloads.ts')).describeReplicaSet,
  'StatefulSet.apps': async () => (await import('./workloads.ts')).describeStatefulSet,
  'DaemonSet.apps': async () => (await import('./workloads.ts')).describeDaemonSet,
  'Job.batch': async () => (await import('./workloads.ts')).describeJob,
  'Role.rbac.authorization.k8s.io': async () => (await import('./config.ts')).describeRole,
  'ClusterRole.rbac.authorization.k8s.io': async () => (await import('./config.ts')).describeRole,
  'RoleBinding.rbac.authorization.k8s.io': async () => (await import('./config.ts')).describeRoleBinding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': async () =>
    (await import('./config.ts')).describeRoleBinding,
};

/** Kinds whose descriptions never show events. */
const withoutEvents = new Set([
  'Secret.',
  'ResourceQuota.',
  'LimitRange.',
  'NetworkPolicy.networking.k8s.io',
  'Namespace.',
  'Role.rbac.authorization.k8s.io',
  'ClusterRole.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
]);

/** The describer of a kind, the generic one where it has none of its own. */
export async function describerOf(
  mapping: ResourceMapping,
): Promise<{ describe: Describer; events: boolean }> {
  const key = `${mapping.kind}.${mapping.group}`;
  const load = loaders[key] ?? (async () => (await import('./generic.ts')).describeGeneric);
  return { describe: await load(), events: !withoutEvents.has(key) };
}
