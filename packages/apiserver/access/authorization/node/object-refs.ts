import type { KubeObject } from '@coxswain/machinery';

/** Calls `visit` with the name of every Secret that a pod refers to; a name may come more than once. */
export function visitSecretNames(pod: KubeObject, visit: (name: string) => void): void {
  const spec = pod['spec'] ?? {};
  for (const ref of spec['imagePullSecrets'] ?? []) see(visit, ref['name']);
  eachContainer(pod, (container) => visitEnvironment(container, 'secretRef', 'secretKeyRef', visit));
  for (const volume of spec['volumes'] ?? []) {
    see(visit, volume['secret']?.['secretName']);
    for (const source of volume['projected']?.['sources'] ?? []) see(visit, source['secret']?.['name']);
    see(visit, volume['azureFile']?.['secretName']);
    for (const type of ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos']) {
      see(visit, volume[type]?.['secretRef']?.['name']);
    }
    see(visit, volume['csi']?.['nodePublishSecretRef']?.['name']);
  }
}

/** Calls `visit` with the name of every ConfigMap that a pod refers to. */
export function visitConfigMapNames(pod: KubeObject, visit: (name: string) => void): void {
  eachContainer(pod, (container) => visitEnvironment(container, 'configMapRef', 'configMapKeyRef', visit));
  for (const volume of pod['spec']?.['volumes'] ?? []) {
    see(visit, volume['configMap']?.['name']);
    for (const source of volume['projected']?.['sources'] ?? []) see(visit, source['configMap']?.['name']);
  }
}

/** Calls `visit` with every container: ordinary, init and ephemeral. */
export function eachContainer(pod: KubeObject, visit: (container: any, field: string) => void): void {
  for (const field of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of pod['spec']?.[field] ?? []) visit(container, field);
  }
}

function visitEnvironment(container: any, from: string, key: string, visit: (name: string) => void): void {
  for (const source of container['envFrom'] ?? []) see(visit, source[from]?.['name']);
  for (const variable of container['env'] ?? []) see(visit, variable['valueFrom']?.[key]?.['name']);
}

function see(visit: (name: string) => void, name: unknown): void {
  if (typeof name === 'string' && name !== '') visit(name);
}

/** Names of the claims that a pod mounts, those of its ephemeral volumes included. */
export function claimNames(pod: KubeObject): string[] {
  const names: string[] = [];
  for (const volume of pod['spec']?.['volumes'] ?? []) {
    if (volume['persistentVolumeClaim']) names.push(volume['persistentVolumeClaim']['claimName']);
    else if (volume['ephemeral']) names.push(`${pod.metadata.name}-${volume['name']}`);
  }
  return names;
}

/** Names of the ResourceClaims of a pod: given, or generated and written into its status. */
export function resourceClaimNames(pod: KubeObject): string[] {
  const names: string[] = [];
  for (const claim of pod['spec']?.['resourceClaims'] ?? []) {
    if (claim['resourceClaimName']) names.push(claim['resourceClaimName']);
  }
  for (const status of pod['status']?.['resourceClaimStatuses'] ?? []) {
    if (status['resourceClaimName']) names.push(status['resourceClaimName']);
  }
  const extended = pod['status']?.['extendedResourceClaimStatus']?.['resourceClaimName'];
  if (extended) names.push(extended);
  return names;
}
