import { apiVersionOf, type GroupVersionKind } from '@coxswain/machinery';

const roles = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
const flows = ['FlowSchema', 'PriorityLevelConfiguration'];
const workloads = ['ControllerRevision', 'Deployment', 'StatefulSet'];
const admissionPolicies = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];

/** Versions of kinds that a 1.36 server still reads, though it serves them no more. */
const retired: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/v1alpha1': admissionPolicies,
  'admissionregistration.k8s.io/v1beta1': [
    ...admissionPolicies,
    'MutatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io/v1beta1': ['CustomResourceDefinition'],
  'apps/v1beta1': workloads,
  'apps/v1beta2': [...workloads, 'DaemonSet', 'ReplicaSet'],
  'authentication.k8s.io/v1alpha1': ['SelfSubjectReview'],
  'authentication.k8s.io/v1beta1': ['SelfSubjectReview', 'TokenReview'],
  'authorization.k8s.io/v1beta1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  'batch/v1beta1': ['CronJob'],
  'certificates.k8s.io/v1beta1': ['CertificateSigningRequest'],
  'coordination.k8s.io/v1beta1': ['Lease'],
  'discovery.k8s.io/v1beta1': ['EndpointSlice'],
  'events.k8s.io/v1beta1': ['Event'],
  'flowcontrol.apiserver.k8s.io/v1beta1': flows,
  'flowcontrol.apiserver.k8s.io/v1beta2': flows,
  'flowcontrol.apiserver.k8s.io/v1beta3': flows,
  'networking.k8s.io/v1beta1': ['Ingress', 'IngressClass'],
  'node.k8s.io/v1alpha1': ['RuntimeClass'],
  'node.k8s.io/v1beta1': ['RuntimeClass'],
  'policy/v1beta1': ['Eviction', 'PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1alpha1': roles,
  'rbac.authorization.k8s.io/v1beta1': roles,
  'scheduling.k8s.io/v1beta1': ['PriorityClass'],
  'storage.k8s.io/v1alpha1': ['CSIStorageCapacity', 'VolumeAttachment', 'VolumeAttributesClass'],
  'storage.k8s.io/v1beta1': [
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'StorageClass',
    'VolumeAttachment',
  ],
};

/** Whether a server knows a kind in a version that nobody is served: what is sent in it can be read, not taken. */
export function isRetired(kind: GroupVersionKind): boolean {
  return retired[apiVersionOf(kind)]?.includes(kind.kind) === true;
}
