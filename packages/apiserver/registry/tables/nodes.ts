import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf, orNone } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch, wide } from './table.ts';

const rolePrefix = 'node-role.kubernetes.io/';

function roles(node: KubeObject): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) found.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return orNone([...found].sort().join(','));
}

function status(node: KubeObject): string {
  const conditions = (node['status']?.conditions ?? []) as { type: string; status: string }[];
  const ready = conditions.findLast((c) => c.type === 'Ready');
  const text = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return node['spec']?.unschedulable ? `${text},SchedulingDisabled` : text;
}

function address(node: KubeObject, type: string): string {
  const addresses = (node['status']?.addresses ?? []) as { type: string; address: string }[];
  return orNone(addresses.find((a) => a.type === type)?.address);
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === '' ? '<unknown>' : text;
}

const systemInfo = 'core.v1.NodeSystemInfo';

export const nodes: TableSketch = {
  columns: [
    nameColumn,
    column('Status', 'The status of the node'),
    column('Roles', 'The roles of the node'),
    ageColumn,
    column('Version', field(systemInfo, 'kubeletVersion')),
    wide('Internal-IP', field('core.v1.NodeStatus', 'addresses')),
    wide('External-IP', field('core.v1.NodeStatus', 'addresses')),
    wide('OS-Image', field(systemInfo, 'osImage')),
    wide('Kernel-Version', field(systemInfo, 'kernelVersion')),
    wide('Container-Runtime', field(systemInfo, 'containerRuntimeVersion')),
  ],
  cells(node, now) {
    const info = node['status']?.nodeInfo ?? {};
    const kernel = orUnknown(info.kernelVersion);
    return [
      nameOf(node),
      status(node),
      roles(node),
      age(node, now),
      info.kubeletVersion ?? '',
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      orUnknown(info.osImage),
      info.kernelVersion && info.architecture ? `${kernel} (${info.architecture})` : kernel,
      orUnknown(info.containerRuntimeVersion),
    ];
  },
};

export const runtimeClasses: TableSketch = {
  columns: [nameColumn, column('Handler', ''), ageColumn],
  cells: (object, now) => [nameOf(object), object['handler'] ?? '', age(object, now)],
};

export const componentStatuses: TableSketch = {
  columns: [
    nameColumn,
    column('Status', 'Status of the component conditions'),
    column('Message', 'Message of the component conditions'),
    column('Error', 'Error of the component conditions'),
  ],
  cells(object) {
    const conditions = (object['conditions'] ?? []) as {
      type: string;
      status: string;
      message?: string;
      error?: string;
    }[];
    const healthy = conditions.find((c) => c.type === 'Healthy');
    const state = healthy ? (healthy.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown';
    return [nameOf(object), state, healthy?.message ?? '', healthy?.error ?? ''];
  },
};

const lease = 'coordination.v1.LeaseSpec';

export const leases: TableSketch = {
  columns: [nameColumn, column('Holder', field(lease, 'holderIdentity')), ageColumn],
  cells: (object, now) => [nameOf(object), object['spec']?.holderIdentity ?? '', age(object, now)],
};

const leaseCandidate = 'coordination.v1beta1.LeaseCandidateSpec';

export const leaseCandidates: TableSketch = {
  columns: [
    nameColumn,
    column('LeaseName', field(leaseCandidate, 'leaseName')),
    column('BinaryVersion', ''),
    column('EmulationVersion', ''),
    column('Strategy', field(leaseCandidate, 'strategy')),
    ageColumn,
  ],
  cells(object, now) {
    const { leaseName = '', binaryVersion = '', emulationVersion = '', strategy = '' } = object['spec'] ?? {};
    return [nameOf(object), leaseName, binaryVersion, emulationVersion, strategy, age(object, now)];
  },
};
