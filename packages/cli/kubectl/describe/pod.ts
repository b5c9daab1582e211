import { humanDuration } from '@coxswain/machinery';
import { describeContainers } from './containers.ts';
import type { Describer } from './describer.ts';
import { annotationsMultiline, formatTimestamp, labelsMultiline } from './format.ts';
import { topologyLines } from './pod-template.ts';
import { nodeSelectorLines, tolerationLines } from './scheduling.ts';
import { describeVolumes } from './volumes.ts';

export const describePod: Describer = (lines, pod, { now }) => {
  const { metadata, spec, status = {} } = pod as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  if (spec.priority !== undefined) lines.add(0, `Priority:\t${spec.priority}`);
  if (spec.priorityClassName) lines.add(0, `Priority Class Name:\t${spec.priorityClassName}`);
  if (spec.runtimeClassName) lines.add(0, `Runtime Class Name:\t${spec.runtimeClassName}`);
  if (spec.serviceAccountName) lines.add(0, `Service Account:\t${spec.serviceAccountName}`);
  lines.add(0, `Node:\t${spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>'}`);
  if (status.startTime) lines.add(0, `Start Time:\t${formatTimestamp(status.startTime)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    lines.add(
      0,
      `Status:\tTerminating (lasts ${humanDuration(now - Date.parse(metadata.deletionTimestamp))})`,
    );
    lines.add(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds}s`);
  } else lines.add(0, `Status:\t${status.phase ?? ''}`);
  if (status.reason) lines.add(0, `Reason:\t${status.reason}`);
  if (status.message) lines.add(0, `Message:\t${status.message}`);
  const seccomp = spec.securityContext?.seccompProfile;
  if (seccomp) {
    lines.add(0, `SeccompProfile:\t${seccomp.type}`);
    if (seccomp.localhostProfile) lines.add(0, `LocalhostProfile:\t${seccomp.localhostProfile}`);
  }
  lines.add(0, `IP:\t${status.podIP ?? ''}`);
  ipLines(lines, status.podIPs ?? []);
  const owner = metadata.ownerReferences?.find((each: any) => each.controller);
  if (owner) lines.add(0, `Controlled By:\t${owner.kind}/${owner.name}`);
  if (status.nominatedNodeName) lines.add(0, `NominatedNodeName:\t${status.nominatedNodeName}`);
  const resolved = { pod };
  if ((spec.initContainers ?? []).length > 0) {
    describeContainers(
      lines,
      0,
      'Init Containers',
      spec.initContainers,
      status.initContainerStatuses ?? [],
      resolved,
    );
  }
  describeContainers(lines, 0, 'Containers', spec.containers, status.containerStatuses ?? [], resolved);
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const statuses = status.ephemeralContainerStatuses ?? [];
    describeContainers(lines, 0, 'Ephemeral Containers', spec.ephemeralContainers, statuses, resolved);
  }
  if ((spec.readinessGates ?? []).length > 0) {
    lines.add(0, 'Readiness Gates:');
    lines.add(1, 'Type\tStatus');
    for (const { conditionType } of spec.readinessGates) {
      const condition = status.conditions?.find((each: any) => each.type === conditionType);
      lines.add(1, `${conditionType} \t${condition?.status ?? '<none>'} `);
    }
  }
  if ((status.conditions ?? []).length > 0) {
    lines.add(0, 'Conditions:');
    lines.add(1, 'Type\tStatus');
    for (const { type, status: state } of status.conditions) lines.add(1, `${type} \t${state} `);
  }
  describeVolumes(lines, 0, spec.volumes ?? []);
  lines.add(0, `QoS Class:\t${status.qosClass ?? ''}`);
  nodeSelectorLines(lines, 0, spec.nodeSelector);
  tolerationLines(lines, 0, spec.tolerations);
  topologyLines(lines, 0, spec.topologySpreadConstraints ?? []);
};

function ipLines(lines: Parameters<Describer>[0], ips: readonly any[]): void {
  if (ips.length === 0) {
    lines.add(0, 'IPs:\t<none>');
    return;
  }
  lines.add(0, 'IPs:');
  for (const { ip } of ips) lines.add(1, `IP:\t${ip}`);
}
