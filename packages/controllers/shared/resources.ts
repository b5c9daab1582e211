import type { GroupVersionResource } from '@coxswain/machinery';

const ref = (group: string, version: string, resource: string): GroupVersionResource => ({
  group,
  version,
  resource,
});

/** The resources that controllers read and write. */
export const pods = ref('', 'v1', 'pods');
export const nodes = ref('', 'v1', 'nodes');
export const services = ref('', 'v1', 'services');
export const endpoints = ref('', 'v1', 'endpoints');
export const secrets = ref('', 'v1', 'secrets');
export const configMaps = ref('', 'v1', 'configmaps');
export const namespaces = ref('', 'v1', 'namespaces');
export const serviceAccounts = ref('', 'v1', 'serviceaccounts');
export const replicationControllers = ref('', 'v1', 'replicationcontrollers');
export const replicaSets = ref('apps', 'v1', 'replicasets');
export const deployments = ref('apps', 'v1', 'deployments');
export const statefulSets = ref('apps', 'v1', 'statefulsets');
export const daemonSets = ref('apps', 'v1', 'daemonsets');
export const controllerRevisions = ref('apps', 'v1', 'controllerrevisions');
export const endpointSlices = ref('discovery.k8s.io', 'v1', 'endpointslices');
export const serviceCidrs = ref('networking.k8s.io', 'v1', 'servicecidrs');
export const ipAddresses = ref('networking.k8s.io', 'v1', 'ipaddresses');
export const leases = ref('coordination.k8s.io', 'v1', 'leases');
export const certificateSigningRequests = ref('certificates.k8s.io', 'v1', 'certificatesigningrequests');
export const clusterRoles = ref('rbac.authorization.k8s.io', 'v1', 'clusterroles');
export const jobs = ref('batch', 'v1', 'jobs');
export const cronJobs = ref('batch', 'v1', 'cronjobs');
export const podDisruptionBudgets = ref('policy', 'v1', 'poddisruptionbudgets');
export const resourceQuotas = ref('', 'v1', 'resourcequotas');
export const persistentVolumes = ref('', 'v1', 'persistentvolumes');
export const persistentVolumeClaims = ref('', 'v1', 'persistentvolumeclaims');
export const volumeAttributesClasses = ref('storage.k8s.io', 'v1', 'volumeattributesclasses');
export const subjectAccessReviews = ref('authorization.k8s.io', 'v1', 'subjectaccessreviews');
export const storageClasses = ref('storage.k8s.io', 'v1', 'storageclasses');
export const validatingAdmissionPolicies = ref(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicies',
);
export const customResourceDefinitions = ref('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
export const apiServices = ref('apiregistration.k8s.io', 'v1', 'apiservices');
