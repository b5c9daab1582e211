import { describeType } from '@coxswain/api';
import type { ResourceFact } from '@coxswain/machinery';
import {
  admissionPolicyBindings,
  mutatingAdmissionPolicies,
  validatingAdmissionPolicies,
  webhookConfigurations,
} from './admission.ts';
import { customScales, horizontalPodAutoscalers, scales } from './autoscaling.ts';
import { cronJobs, jobs } from './batch.ts';
import { certificateSigningRequests, clusterTrustBundles, podCertificateRequests } from './certificates.ts';
import {
  configMaps,
  nameAndAge,
  namespaces,
  podDisruptionBudgets,
  priorityClasses,
  resourceQuotas,
  secrets,
} from './config.ts';
import { csiDrivers, csiNodes, csiStorageCapacities } from './csi.ts';
import { events } from './events.ts';
import { apiServices, storageVersionMigrations, storageVersions } from './extensions.ts';
import { flowSchemas, priorityLevelConfigurations } from './flowcontrol.ts';
import { ingressClasses, ingresses, ipAddresses, networkPolicies, serviceCIDRs } from './networking.ts';
import { componentStatuses, leaseCandidates, leases, nodes, runtimeClasses } from './nodes.ts';
import { pods, podTemplates } from './pods.ts';
import { clusterRoleBindings, nameAndCreation, roleBindings } from './rbac.ts';
import { deviceTaintRules, resourceClaims, resourceSlices } from './resources.ts';
import { endpointSlices, endpoints, services } from './services.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from './storage.ts';
import { type Describe, describeTable, type Table, type TableSketch } from './table.ts';
import {
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
} from './workloads.ts';

/** By group and plural; all versions of a resource show alike. */
const sketches: Readonly<Record<string, TableSketch>> = {
  '/pods': pods,
  '/podtemplates': podTemplates,
  '/services': services,
  '/endpoints': endpoints,
  '/nodes': nodes,
  '/namespaces': namespaces,
  '/events': events,
  '/configmaps': configMaps,
  '/secrets': secrets,
  '/serviceaccounts': nameAndAge,
  '/resourcequotas': resourceQuotas,
  '/replicationcontrollers': replicationControllers,
  '/persistentvolumes': persistentVolumes,
  '/persistentvolumeclaims': persistentVolumeClaims,
  '/componentstatuses': componentStatuses,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhookConfigurations,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhookConfigurations,
  'admissionregistration.k8s.io/validatingadmissionpolicies': validatingAdmissionPolicies,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': admissionPolicyBindings,
  'admissionregistration.k8s.io/mutatingadmissionpolicies': mutatingAdmissionPolicies,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': admissionPolicyBindings,
  'apiregistration.k8s.io/apiservices': apiServices,
  'apps/deployments': deployments,
  'apps/replicasets': replicaSets,
  'apps/statefulsets': statefulSets,
  'apps/daemonsets': daemonSets,
  'apps/controllerrevisions': controllerRevisions,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscalers,
  'batch/jobs': jobs,
  'batch/cronjobs': cronJobs,
  'certificates.k8s.io/certificatesigningrequests': certificateSigningRequests,
  'certificates.k8s.io/clustertrustbundles': clusterTrustBundles,
  'certificates.k8s.io/podcertificaterequests': podCertificateRequests,
  'coordination.k8s.io/leasecandidates': leaseCandidates,
  'coordination.k8s.io/leases': leases,
  'discovery.k8s.io/endpointslices': endpointSlices,
  'events.k8s.io/events': events,
  'flowcontrol.apiserver.k8s.io/flowschemas': flowSchemas,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': priorityLevelConfigurations,
  'internal.apiserver.k8s.io/storageversions': storageVersions,
  'networking.k8s.io/ingresses': ingresses,
  'networking.k8s.io/ingressclasses': ingressClasses,
  'networking.k8s.io/networkpolicies': networkPolicies,
  'networking.k8s.io/servicecidrs': serviceCIDRs,
  'networking.k8s.io/ipaddresses': ipAddresses,
  'node.k8s.io/runtimeclasses': runtimeClasses,
  'policy/poddisruptionbudgets': podDisruptionBudgets,
  'rbac.authorization.k8s.io/rolebindings': roleBindings,
  'rbac.authorization.k8s.io/clusterrolebindings': clusterRoleBindings,
  'resource.k8s.io/resourceclaims': resourceClaims,
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/devicetaintrules': deviceTaintRules,
  'resource.k8s.io/resourceslices': resourceSlices,
  'scheduling.k8s.io/priorityclasses': priorityClasses,
  'storage.k8s.io/storageclasses': storageClasses,
  'storage.k8s.io/volumeattributesclasses': volumeAttributesClasses,
  'storage.k8s.io/volumeattachments': volumeAttachments,
  'storage.k8s.io/csidrivers': csiDrivers,
  'storage.k8s.io/csinodes': csiNodes,
  'storage.k8s.io/csistoragecapacities': csiStorageCapacities,
  'storagemigration.k8s.io/storageversionmigrations': storageVersionMigrations,
};

const described = new WeakMap<Describe, Map<TableSketch, Table>>();

/**
 * The table of a resource, as upstream's printers show it; name and time of creation for those without one.
 * @param describe gives the descriptions that upstream takes from the API's own documentation
 */
export function tableFor(
  resource: Pick<ResourceFact, 'group' | 'resource'>,
  describe: Describe = describeField,
): Table {
  return tableOfSketch(sketches[`${resource.group}/${resource.resource}`] ?? nameAndCreation, describe);
}

/** The table of a kind that subresources give; undefined where it is that of the resource. */
export function tableForKind(
  kind: string,
  isCustom: boolean,
  describe: Describe = describeField,
): Table | undefined {
  return kind === 'Scale' ? tableOfSketch(isCustom ? customScales : scales, describe) : undefined;
}

/** A described table, made once for each source of descriptions. */
function tableOfSketch(sketch: TableSketch, describe: Describe): Table {
  let known = described.get(describe);
  if (!known) {
    known = new Map();
    described.set(describe, known);
  }
  let table = known.get(sketch);
  if (!table) {
    table = describeTable(sketch, describe);
    known.set(sketch, table);
  }
  return table;
}

/** OpenAPI lists what an enumeration knows below the field's own text, which tables show alone. */
const enumValues = /\n*Possible enum values:[\s\S]*$/;

/** The descriptions of the API; '' where they are not at hand. */
export const describeField: Describe = (definition, field) =>
  describeType(definition, field)?.replace(enumValues, '') ?? '';
