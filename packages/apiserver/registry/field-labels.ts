import { goQuote, type KubeObject, newBadRequest, type ResourceFact } from '@coxswain/machinery';
import type { Entry } from '../storage/entry.ts';

/** What can be selected by `fieldSelector` beyond name and namespace, and how it is read. */
interface FieldLabels {
  readonly fields: Readonly<Record<string, (object: KubeObject) => unknown>>;
  /** Older names of fields. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Upstream's text for a field that is not there. */
  readonly unsupported: (label: string) => string;
}

const plainText = (label: string): string => `field label not supported: ${label}`;

const eventFields: FieldLabels = {
  fields: {
    'involvedObject.kind': (o) => o['involvedObject']?.kind,
    'involvedObject.namespace': (o) => o['involvedObject']?.namespace,
    'involvedObject.name': (o) => o['involvedObject']?.name,
    'involvedObject.uid': (o) => o['involvedObject']?.uid,
    'involvedObject.apiVersion': (o) => o['involvedObject']?.apiVersion,
    'involvedObject.resourceVersion': (o) => o['involvedObject']?.resourceVersion,
    'involvedObject.fieldPath': (o) => o['involvedObject']?.fieldPath,
    reason: (o) => o['reason'],
    reportingComponent: (o) => o['reportingComponent'],
    source: (o) => o['source']?.component || o['reportingComponent'],
    type: (o) => o['type'],
  },
  unsupported: plainText,
};

const tables: Readonly<Record<string, FieldLabels>> = {
  '/pods': {
    fields: {
      'spec.nodeName': (o) => o['spec']?.nodeName,
      'spec.restartPolicy': (o) => o['spec']?.restartPolicy,
      'spec.schedulerName': (o) => o['spec']?.schedulerName,
      'spec.serviceAccountName': (o) => o['spec']?.serviceAccountName,
      'spec.hostNetwork': (o) => o['spec']?.hostNetwork ?? false,
      'status.phase': (o) => o['status']?.phase,
      'status.podIP': (o) => o['status']?.podIP,
      'status.podIPs': (o) => (o['status']?.podIPs ?? []).map((p: { ip: string }) => p.ip).join(','),
      'status.nominatedNodeName': (o) => o['status']?.nominatedNodeName,
    },
    aliases: { 'spec.host': 'spec.nodeName' },
    unsupported: plainText,
  },
  '/nodes': {
    fields: { 'spec.unschedulable': (o) => o['spec']?.unschedulable ?? false },
    unsupported: plainText,
  },
  '/replicationcontrollers': {
    fields: { 'status.replicas': (o) => o['status']?.replicas ?? 0 },
    unsupported: plainText,
  },
  '/namespaces': { fields: { 'status.phase': (o) => o['status']?.phase }, unsupported: plainText },
  '/secrets': { fields: { type: (o) => o['type'] }, unsupported: plainText },
  '/services': {
    fields: { 'spec.clusterIP': (o) => o['spec']?.clusterIP, 'spec.type': (o) => o['spec']?.type },
    unsupported: plainText,
  },
  '/events': eventFields,
  'events.k8s.io/events': {
    ...eventFields,
    aliases: {
      'regarding.kind': 'involvedObject.kind',
      'regarding.namespace': 'involvedObject.namespace',
      'regarding.name': 'involvedObject.name',
      'regarding.uid': 'involvedObject.uid',
      'regarding.apiVersion': 'involvedObject.apiVersion',
      'regarding.resourceVersion': 'involvedObject.resourceVersion',
      'regarding.fieldPath': 'involvedObject.fieldPath',
      reportingController: 'reportingComponent',
    },
  },
  'apps/replicasets': {
    fields: { 'status.replicas': (o) => o['status']?.replicas ?? 0 },
    unsupported: (label) => `field label ${goQuote(label)} not supported for ReplicaSet`,
  },
  'apps/statefulsets': {
    fields: { 'status.successful': (o) => o['status']?.successful },
    unsupported: (label) => `field label not supported for appsv1.StatefulSet: ${label}`,
  },
  'batch/jobs': {
    fields: { 'status.successful': (o) => o['status']?.succeeded ?? 0 },
    unsupported: (label) => `field label ${goQuote(label)} not supported for Job`,
  },
  'certificates.k8s.io/certificatesigningrequests': {
    fields: { 'spec.signerName': (o) => o['spec']?.signerName },
    unsupported: plainText,
  },
  'resource.k8s.io/resourceslices': {
    fields: { 'spec.nodeName': (o) => o['spec']?.nodeName, 'spec.driver': (o) => o['spec']?.driver },
    unsupported: plainText,
  },
};

const metadataOnly: FieldLabels = {
  fields: {},
  unsupported: (label) =>
    `${goQuote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
};

const customOnly: FieldLabels = { fields: {}, unsupported: plainText };

/** Reads a selectable field as text; throws upstream's 400 where the resource has no such field. */
export function fieldReader(
  resource: Pick<ResourceFact, 'group' | 'resource' | 'namespaced'>,
  label: string,
  custom = false,
): (object: KubeObject) => string {
  if (label === 'metadata.name') return (o) => o.metadata.name ?? '';
  const table = tables[`${resource.group}/${resource.resource}`] ?? (custom ? customOnly : metadataOnly);
  // Who names its fields names no namespace where there is none.
  if (label === 'metadata.namespace' && (resource.namespaced || table === metadataOnly)) {
    return (o) => o.metadata.namespace ?? '';
  }
  const read = table.fields[table.aliases?.[label] ?? label];
  if (read === undefined) throw newBadRequest(table.unsupported(label));
  return (o) => String(read(o) ?? '');
}

/** The field by which watchers of a resource are indexed: the one every node selects by. */
export const triggerField: Readonly<Record<string, string>> = { '/pods': 'spec.nodeName' };

/** Reads the trigger field of a resource; absent where there is none. */
export function triggerOf(resource: ResourceFact): ((entry: Entry) => string) | undefined {
  const field = triggerField[`${resource.group}/${resource.resource}`];
  if (field === undefined) return undefined;
  const read = fieldReader(resource, field);
  return (entry) => read(entry.object);
}
