import type { Describer } from './describer.ts';
import { ageOf, annotationsMultiline, labelsMultiline } from './format.ts';
import type { Lines } from './lines.ts';

const modeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function modes(list: readonly string[] | undefined): string {
  return (list ?? []).map((mode) => modeNames[mode] ?? mode).join(',');
}

export const describeClaim: Describer = async (lines, object, { session, now }) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, `StorageClass:\t${spec.storageClassName ?? ''}`);
  lines.add(
    0,
    `Status:\t${metadata.deletionTimestamp ? `Terminating (lasts ${ageOf(metadata.deletionTimestamp, now)})` : (status.phase ?? '')}`,
  );
  lines.add(0, `Volume:\t${spec.volumeName ?? ''}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Finalizers:\t[${(metadata.finalizers ?? []).join(' ')}]`);
  const bound = spec.volumeName !== undefined && spec.volumeName !== '';
  lines.add(0, `Capacity:\t${bound ? (status.capacity?.storage ?? '') : ''}`);
  lines.add(0, `Access Modes:\t${bound ? modes(status.accessModes) : ''}`);
  lines.add(0, `VolumeMode:\t${spec.volumeMode ?? ''}`);
  if (spec.dataSource) sourceLines(lines, spec.dataSource);
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const pods = (await (await session.rest()).list({ mapping, namespace: metadata.namespace })).items;
  const users = pods.filter((pod: any) =>
    (pod.spec.volumes ?? []).some(
      (volume: any) =>
        volume.persistentVolumeClaim?.claimName === metadata.name ||
        (volume.ephemeral !== undefined && `${pod.metadata.name}-${volume.name}` === metadata.name),
    ),
  );
  if (users.length === 0) lines.add(0, 'Used By:\t<none>');
  users.forEach((pod, i) => {
    lines.add(0, `${i === 0 ? 'Used By:' : ''}\t${pod.metadata.name}`);
  });
};

function sourceLines(lines: Lines, source: any): void {
  lines.add(0, 'DataSource:');
  if (source.apiGroup) lines.add(1, `APIGroup:\t${source.apiGroup}`);
  lines.add(1, `Kind:\t${source.kind}`);
  lines.add(1, `Name:\t${source.name}`);
}

export const describeVolume: Describer = (lines, object) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Finalizers:\t[${(metadata.finalizers ?? []).join(' ')}]`);
  lines.add(0, `StorageClass:\t${spec.storageClassName ?? ''}`);
  lines.add(0, `Status:\t${status.phase ?? ''}`);
  lines.add(0, spec.claimRef ? `Claim:\t${spec.claimRef.namespace}/${spec.claimRef.name}` : 'Claim:\t');
  lines.add(0, `Reclaim Policy:\t${spec.persistentVolumeReclaimPolicy ?? ''}`);
  lines.add(0, `Access Modes:\t${modes(spec.accessModes)}`);
  lines.add(0, `VolumeMode:\t${spec.volumeMode ?? ''}`);
  lines.add(0, `Capacity:\t${spec.capacity?.storage ?? ''}`);
  affinityLines(lines, spec.nodeAffinity);
  lines.add(0, `Message:\t${status.message ?? ''}`);
  lines.add(0, 'Source:');
  for (const line of sourceOf(spec)) lines.add(2, line);
};

function affinityLines(lines: Lines, affinity: any): void {
  if (affinity?.required === undefined) {
    lines.add(0, 'Node Affinity:\t<none>');
    return;
  }
  lines.add(0, 'Node Affinity:\t');
  lines.add(1, 'Required Terms:\t');
  affinity.required.nodeSelectorTerms.forEach((term: any, i: number) => {
    const expressions = (term.matchExpressions ?? []).map(
      ({ key, operator, values = [] }: any) => `${key} ${operator.toLowerCase()} [${values.join(', ')}]`,
    );
    lines.add(2, `Term ${i}:\t${expressions[0] ?? '<none>'}`);
    for (const expression of expressions.slice(1)) lines.add(2, `\t${expression}`);
  });
}

function sourceOf(spec: any): string[] {
  if (spec.hostPath) {
    return [
      'Type:\tHostPath (bare host directory volume)',
      `Path:\t${spec.hostPath.path}`,
      `HostPathType:\t${spec.hostPath.type ?? ''}`,
    ];
  }
  if (spec.local)
    return [
      'Type:\tLocalVolume (a persistent volume backed by local storage on a node)',
      `Path:\t${spec.local.path}`,
    ];
  if (spec.nfs) {
    const { server, path, readOnly = false } = spec.nfs;
    return [
      'Type:\tNFS (an NFS mount that lasts the lifetime of a pod)',
      `Server:\t${server}`,
      `Path:\t${path}`,
      `ReadOnly:\t${readOnly}`,
    ];
  }
  if (spec.csi) {
    const { driver, fsType = '', volumeHandle, readOnly = false, volumeAttributes } = spec.csi;
    const entries = Object.entries(volumeAttributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const attributes = entries.map(([key, value]) => `      ${key}=${value}`).join('\n');
    return [
      'Type:\tCSI (a Container Storage Interface (CSI) volume source)',
      `Driver:\t${driver}`,
      `FSType:\t${fsType}`,
      `VolumeHandle:\t${volumeHandle}`,
      `ReadOnly:\t${readOnly}`,
      `VolumeAttributes:\t${attributes}`,
    ];
  }
  return ['<unknown>'];
}

export const describeStorageClass: Describer = (lines, object) => {
  const {
    metadata,
    provisioner,
    parameters,
    allowVolumeExpansion,
    mountOptions,
    reclaimPolicy,
    volumeBindingMode,
  } = object as any;
  const key = 'storageclass.kubernetes.io/is-default-class';
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `IsDefaultClass:\t${metadata.annotations?.[key] === 'true' ? 'Yes' : 'No'}`);
  lines.add(0, `Annotations:\t${pairs(metadata.annotations)}`);
  lines.add(0, `Provisioner:\t${provisioner}`);
  lines.add(0, `Parameters:\t${pairs(parameters)}`);
  lines.add(
    0,
    `AllowVolumeExpansion:\t${allowVolumeExpansion === undefined ? '<unset>' : allowVolumeExpansion ? 'True' : 'False'}`,
  );
  const options: string[] = mountOptions ?? [];
  if (options.length === 0) lines.add(0, 'MountOptions:\t<none>');
  else {
    lines.add(0, 'MountOptions:');
    for (const option of options) lines.add(1, option);
  }
  lines.add(0, `ReclaimPolicy:\t${reclaimPolicy ?? ''}`);
  lines.add(0, `VolumeBindingMode:\t${volumeBindingMode ?? ''}`);
};

function pairs(map: Record<string, string> | undefined): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${value}`).join(',') || '<none>';
}

export const describePriorityClass: Describer = (lines, object) => {
  const { metadata, value, globalDefault = false, preemptionPolicy = '', description = '' } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Value:\t${value}`);
  lines.add(0, `GlobalDefault:\t${globalDefault}`);
  lines.add(0, `PreemptionPolicy:\t${preemptionPolicy}`);
  lines.add(0, `Description:\t${description}`);
  lines.add(0, `Annotations:\t${pairs(metadata.annotations)}`);
};
