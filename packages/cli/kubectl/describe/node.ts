import type { KubeObject } from '@coxswain/machinery';
import type { Describer } from './describer.ts';
import { ageOf, annotationsMultiline, formatTimestamp, labelsMultiline } from './format.ts';
import type { Lines } from './lines.ts';
import { percentOf, sumOf } from './pod-resources.ts';

export const describeNode: Describer = async (lines, node, { session, now }) => {
  const { metadata, spec = {}, status = {} } = node as any;
  lines.add(0, `Name:\t${metadata.name}`);
  const roles = Object.keys(metadata.labels ?? {})
    .filter((label) => label.startsWith('node-role.kubernetes.io/'))
    .map((label) => label.slice('node-role.kubernetes.io/'.length))
    .sort();
  lines.add(0, `Roles:\t${roles.join(',') || '<none>'}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `CreationTimestamp:\t${formatTimestamp(metadata.creationTimestamp)}`);
  taintLines(lines, spec.taints ?? []);
  lines.add(0, `Unschedulable:\t${spec.unschedulable ?? false}`);
  await leaseLines(lines, session, metadata.name);
  if ((status.conditions ?? []).length > 0) {
    lines.add(0, 'Conditions:');
    lines.add(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage');
    lines.add(1, '----\t------\t-----------------\t------------------\t------\t-------');
    for (const each of status.conditions) {
      const [beat, change] = [
        formatTimestamp(each.lastHeartbeatTime),
        formatTimestamp(each.lastTransitionTime),
      ];
      lines.add(
        1,
        `${each.type} \t${each.status} \t${beat} \t${change} \t${each.reason ?? ''} \t${each.message ?? ''}`,
      );
    }
  }
  lines.add(0, 'Addresses:');
  for (const { type, address } of status.addresses ?? []) lines.add(1, `${type}:\t${address}`);
  quantityLines(lines, 'Capacity', status.capacity);
  quantityLines(lines, 'Allocatable', status.allocatable);
  const info = status.nodeInfo ?? {};
  lines.add(0, 'System Info:');
  for (const [title, value] of [
    ['Machine ID', info.machineID],
    ['System UUID', info.systemUUID],
    ['Boot ID', info.bootID],
    ['Kernel Version', info.kernelVersion],
    ['OS Image', info.osImage],
    ['Operating System', info.operatingSystem],
    ['Architecture', info.architecture],
    ['Container Runtime Version', info.containerRuntimeVersion],
    ['Kubelet Version', info.kubeletVersion],
    ['Kube-Proxy Version', info.kubeProxyVersion],
  ]) {
    lines.add(1, `${title}:\t${value ?? ''}`);
  }
  if (spec.podCIDR) lines.add(0, `PodCIDR:\t${spec.podCIDR}`);
  if ((spec.podCIDRs ?? []).length > 0) lines.add(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`);
  if (spec.providerID) lines.add(0, `ProviderID:\t${spec.providerID}`);
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const fieldSelector = `spec.nodeName=${metadata.name},status.phase!=Succeeded,status.phase!=Failed`;
  const pods = (await (await session.rest()).list({ mapping }, { fieldSelector })).items;
  podLines(lines, pods, status.allocatable ?? status.capacity ?? {}, now);
};

function taintLines(lines: Lines, taints: readonly any[]): void {
  const texts = taints
    .toSorted((a, b) => (`${a.effect},${a.key}` < `${b.effect},${b.key}` ? -1 : 1))
    .map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`);
  if (texts.length === 0) lines.add(0, 'Taints:\t<none>');
  texts.forEach((text, i) => {
    lines.add(0, `${i === 0 ? 'Taints:' : ''}\t${text}`);
  });
}

async function leaseLines(
  lines: Lines,
  session: Parameters<Describer>[2]['session'],
  name: string,
): Promise<void> {
  const mapping = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
  lines.add(0, 'Lease:');
  let spec: any;
  try {
    spec = (await (await session.rest()).get({ mapping, namespace: 'kube-node-lease', name }))['spec'];
  } catch (error) {
    lines.add(1, `Failed to get lease: ${(error as Error).message}`);
    return;
  }
  const time = (text: string | undefined): string => (text === undefined ? '<unset>' : formatTimestamp(text));
  lines.add(1, `HolderIdentity:\t${spec?.holderIdentity ?? '<unset>'}`);
  lines.add(1, `AcquireTime:\t${time(spec?.acquireTime)}`);
  lines.add(1, `RenewTime:\t${time(spec?.renewTime)}`);
}

function quantityLines(lines: Lines, title: string, list: Record<string, string> | undefined): void {
  lines.add(0, `${title}:`);
  for (const [name, quantity] of Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.add(1, `${name}:\t${quantity}`);
  }
}

function podLines(
  lines: Lines,
  pods: readonly KubeObject[],
  allocatable: Record<string, string>,
  now: number,
): void {
  lines.add(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  lines.add(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  lines.add(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  for (const pod of pods) {
    const { name, namespace, creationTimestamp } = pod.metadata;
    const cells = (['cpu', 'memory'] as const).flatMap((resource) =>
      (['requests', 'limits'] as const).map((kind) => {
        const amount = sumOf([pod], kind, resource);
        return `${amount} (${percentOf(amount, allocatable[resource])}%)`;
      }),
    );
    lines.add(1, `${namespace}\t${name}\t\t${cells.join('\t')}\t${ageOf(creationTimestamp, now)}`);
  }
  lines.add(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)');
  lines.add(1, 'Resource\tRequests\tLimits');
  lines.add(1, '--------\t--------\t------');
  const known = ['cpu', 'memory', 'ephemeral-storage'];
  const others = Object.keys(allocatable)
    .filter((name) => !known.includes(name) && name !== 'pods')
    .sort();
  for (const resource of [...known, ...others]) {
    const texts = (['requests', 'limits'] as const).map((kind) => {
      const amount = sumOf(pods, kind, resource);
      return others.includes(resource) && !resource.startsWith('hugepages-')
        ? `${amount}`
        : `${amount} (${percentOf(amount, allocatable[resource])}%)`;
    });
    lines.add(1, `${resource}\t${texts.join('\t')}`);
  }
}
