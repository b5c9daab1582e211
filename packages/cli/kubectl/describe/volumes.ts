import type { Lines } from './lines.ts';

/** `Volumes:` of a pod or a template. */
export function describeVolumes(lines: Lines, level: number, volumes: readonly any[]): void {
  if (volumes.length === 0) {
    lines.add(level, 'Volumes:\t<none>');
    return;
  }
  lines.add(level, 'Volumes:');
  for (const volume of volumes) {
    lines.add(1, `${level > 0 ? ' ' : ''}${volume.name}:`);
    for (const line of volumeLines(volume)) lines.add(2, line);
  }
}

/** What is told of one volume source; the first line says what it is. */
function volumeLines(volume: any): string[] {
  if (volume.hostPath) {
    return [
      'Type:\tHostPath (bare host directory volume)',
      `Path:\t${volume.hostPath.path}`,
      `HostPathType:\t${volume.hostPath.type ?? ''}`,
    ];
  }
  if (volume.emptyDir) {
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${volume.emptyDir.medium ?? ''}`,
      `SizeLimit:\t${volume.emptyDir.sizeLimit ?? '<unset>'}`,
    ];
  }
  if (volume.secret) {
    return [
      'Type:\tSecret (a volume populated by a Secret)',
      `SecretName:\t${volume.secret.secretName}`,
      `Optional:\t${volume.secret.optional ?? false}`,
    ];
  }
  if (volume.configMap) {
    return [
      'Type:\tConfigMap (a volume populated by a ConfigMap)',
      `Name:\t${volume.configMap.name}`,
      `Optional:\t${volume.configMap.optional ?? false}`,
    ];
  }
  if (volume.projected) return projectedLines(volume.projected);
  if (volume.persistentVolumeClaim) {
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${volume.persistentVolumeClaim.claimName}`,
      `ReadOnly:\t${volume.persistentVolumeClaim.readOnly ?? false}`,
    ];
  }
  if (volume.downwardAPI) {
    const items = (volume.downwardAPI.items ?? []).map((item: any) =>
      item.fieldRef
        ? `  ${item.fieldRef.fieldPath} -> ${item.path}`
        : `  ${item.resourceFieldRef?.resource} -> ${item.path}`,
    );
    return ['Type:\tDownwardAPI (a volume populated by information about the pod)', 'Items:', ...items];
  }
  if (volume.nfs) {
    const { server, path, readOnly = false } = volume.nfs;
    return [
      'Type:\tNFS (an NFS mount that lasts the lifetime of a pod)',
      `Server:\t${server}`,
      `Path:\t${path}`,
      `ReadOnly:\t${readOnly}`,
    ];
  }
  if (volume.csi) {
    const { driver, fsType = '', readOnly = false } = volume.csi;
    return [
      'Type:\tCSI (a Container Storage Interface (CSI) volume source)',
      `Driver:\t${driver}`,
      `FSType:\t${fsType}`,
      `ReadOnly:\t${readOnly}`,
      'VolumeAttributes:\t<none>',
    ];
  }
  return ['<unknown>'];
}

function projectedLines(projected: any): string[] {
  const lines = ['Type:\tProjected (a volume that contains injected data from multiple sources)'];
  for (const { secret, downwardAPI, configMap, serviceAccountToken } of projected.sources ?? []) {
    if (secret) lines.push(`SecretName:\t${secret.name}`, `Optional:\t${secret.optional ?? false}`);
    else if (downwardAPI) lines.push('DownwardAPI:\ttrue');
    else if (configMap)
      lines.push(`ConfigMapName:\t${configMap.name}`, `Optional:\t${configMap.optional ?? false}`);
    else if (serviceAccountToken)
      lines.push(`TokenExpirationSeconds:\t${serviceAccountToken.expirationSeconds}`);
  }
  return lines;
}
