import {
  podCertificateRequestRules,
  roleBindingRules,
  roleRules,
  signingRequestRules,
  trustBundleRules,
} from './access.ts';
import {
  admissionPolicyRules,
  mutatingBindingRules,
  mutatingPolicyRules,
  policyBindingRules,
  webhookConfigurationRules,
} from './admission.ts';
import {
  controllerRevisionRules,
  daemonSetRules,
  deploymentRules,
  replicaSetRules,
  replicationControllerRules,
  statefulSetRules,
} from './apps.ts';
import { cronJobRules, jobRules } from './batch.ts';
import {
  autoscalerRules,
  eventRules,
  leaseCandidateRules,
  leaseRules,
  podDisruptionBudgetRules,
  podGroupRules,
  priorityClassRules,
  resourceQuotaRules,
  runtimeClassRules,
  storageVersionMigrationRules,
  storageVersionRules,
  workloadRules,
} from './cluster.ts';
import type { KindRules } from './contract.ts';
import {
  configMapRules,
  endpointsRules,
  limitRangeRules,
  namespaceRules,
  nodeRules,
  podTemplateRules,
  secretRules,
  serviceAccountRules,
} from './core.ts';
import {
  deviceClassRules,
  deviceTaintRuleRules,
  resourceClaimRules,
  resourceClaimTemplateRules,
  resourcePoolStatusRequestRules,
  resourceSliceRules,
} from './devices.ts';
import { apiServiceRules, definitionRules } from './extensions.ts';
import { flowSchemaRules, priorityLevelRules } from './flowcontrol.ts';
import {
  endpointSliceRules,
  ingressClassRules,
  ingressRules,
  ipAddressRules,
  networkPolicyRules,
  serviceCIDRRules,
} from './networking.ts';
import { podRules } from './pod.ts';
import { serviceRules } from './service.ts';
import {
  csiDriverRules,
  csiNodeRules,
  csiStorageCapacityRules,
  persistentVolumeClaimRules,
  persistentVolumeRules,
  storageClassRules,
  volumeAttachmentRules,
  volumeAttributesClassRules,
} from './storage.ts';

/** The rules of built-in kinds by `group/Kind`; a kind that is not here is as the generic strategy has it. */
const rules: Readonly<Record<string, KindRules>> = {
  '/ConfigMap': configMapRules,
  '/Endpoints': endpointsRules,
  '/Event': eventRules,
  '/LimitRange': limitRangeRules,
  '/Namespace': namespaceRules,
  '/Node': nodeRules,
  '/PersistentVolume': persistentVolumeRules,
  '/PersistentVolumeClaim': persistentVolumeClaimRules,
  '/Pod': podRules,
  '/PodTemplate': podTemplateRules,
  '/ReplicationController': replicationControllerRules,
  '/ResourceQuota': resourceQuotaRules,
  '/Secret': secretRules,
  '/Service': serviceRules,
  '/ServiceAccount': serviceAccountRules,
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': mutatingPolicyRules,
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': mutatingBindingRules,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhookConfigurationRules,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': admissionPolicyRules,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': policyBindingRules,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhookConfigurationRules,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionRules,
  'apiregistration.k8s.io/APIService': apiServiceRules,
  'apps/ControllerRevision': controllerRevisionRules,
  'apps/DaemonSet': daemonSetRules,
  'apps/Deployment': deploymentRules,
  'apps/ReplicaSet': replicaSetRules,
  'apps/StatefulSet': statefulSetRules,
  'autoscaling/HorizontalPodAutoscaler': autoscalerRules,
  'batch/CronJob': cronJobRules,
  'batch/Job': jobRules,
  'certificates.k8s.io/CertificateSigningRequest': signingRequestRules,
  'certificates.k8s.io/ClusterTrustBundle': trustBundleRules,
  'certificates.k8s.io/PodCertificateRequest': podCertificateRequestRules,
  'coordination.k8s.io/Lease': leaseRules,
  'coordination.k8s.io/LeaseCandidate': leaseCandidateRules,
  'discovery.k8s.io/EndpointSlice': endpointSliceRules,
  'events.k8s.io/Event': eventRules,
  'flowcontrol.apiserver.k8s.io/FlowSchema': flowSchemaRules,
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': priorityLevelRules,
  'internal.apiserver.k8s.io/StorageVersion': storageVersionRules,
  'networking.k8s.io/IPAddress': ipAddressRules,
  'networking.k8s.io/Ingress': ingressRules,
  'networking.k8s.io/IngressClass': ingressClassRules,
  'networking.k8s.io/NetworkPolicy': networkPolicyRules,
  'networking.k8s.io/ServiceCIDR': serviceCIDRRules,
  'node.k8s.io/RuntimeClass': runtimeClassRules,
  'policy/PodDisruptionBudget': podDisruptionBudgetRules,
  'rbac.authorization.k8s.io/ClusterRole': roleRules,
  'rbac.authorization.k8s.io/ClusterRoleBinding': roleBindingRules,
  'rbac.authorization.k8s.io/Role': roleRules,
  'rbac.authorization.k8s.io/RoleBinding': roleBindingRules,
  'resource.k8s.io/DeviceClass': deviceClassRules,
  'resource.k8s.io/DeviceTaintRule': deviceTaintRuleRules,
  'resource.k8s.io/ResourceClaim': resourceClaimRules,
  'resource.k8s.io/ResourceClaimTemplate': resourceClaimTemplateRules,
  'resource.k8s.io/ResourcePoolStatusRequest': resourcePoolStatusRequestRules,
  'resource.k8s.io/ResourceSlice': resourceSliceRules,
  'scheduling.k8s.io/PriorityClass': priorityClassRules,
  'scheduling.k8s.io/PodGroup': podGroupRules,
  'scheduling.k8s.io/Workload': workloadRules,
  'storage.k8s.io/CSIDriver': csiDriverRules,
  'storage.k8s.io/CSINode': csiNodeRules,
  'storage.k8s.io/CSIStorageCapacity': csiStorageCapacityRules,
  'storage.k8s.io/StorageClass': storageClassRules,
  'storage.k8s.io/VolumeAttachment': volumeAttachmentRules,
  'storage.k8s.io/VolumeAttributesClass': volumeAttributesClassRules,
  'storagemigration.k8s.io/StorageVersionMigration': storageVersionMigrationRules,
};

const none: KindRules = {};

/** The rules of a kind; the same in all versions of its group. */
export function rulesOf(kind: { readonly group: string; readonly kind: string }): KindRules {
  return rules[`${kind.group}/${kind.kind}`] ?? none;
}
