import { ensure, type Json } from '../validation/values.ts';
import { defaultPullPolicy } from './image-tag.ts';
import { roundResourceList, roundResources } from './resource-list.ts';

/** SetDefaults_PodSpec and what hangs below it: pods and templates alike. */
export function defaultPodSpec(spec: Json): void {
  spec['dnsPolicy'] ||= 'ClusterFirst';
  spec['restartPolicy'] ||= 'Always';
  spec['securityContext'] ??= {};
  spec['terminationGracePeriodSeconds'] ??= 30;
  spec['schedulerName'] ||= 'default-scheduler';
  // the old member and the new one always say the same
  if (spec['serviceAccountName'] || spec['serviceAccount']) {
    spec['serviceAccountName'] ||= spec['serviceAccount'];
    spec['serviceAccount'] = spec['serviceAccountName'];
  }
  roundResourceList(spec['overhead']);
  roundResources(spec['resources']);
  for (const volume of spec['volumes'] ?? []) defaultVolume(volume);
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of spec[list] ?? []) defaultContainer(container);
  }
}

function defaultContainer(container: Json): void {
  roundResources(container['resources']);
  container['imagePullPolicy'] ||= defaultPullPolicy(container['image'] ?? '');
  container['terminationMessagePath'] ||= '/dev/termination-log';
  container['terminationMessagePolicy'] ||= 'File';
  for (const port of container['ports'] ?? []) port.protocol ||= 'TCP';
  for (const variable of container['env'] ?? []) {
    const ref: Json | undefined = variable.valueFrom?.fieldRef;
    if (ref) ref['apiVersion'] ||= 'v1';
    const file: Json | undefined = variable.valueFrom?.fileKeyRef;
    if (file) file['optional'] ??= false;
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[name]) defaultProbe(container[name]);
  }
  for (const hook of ['postStart', 'preStop']) {
    const get: Json | undefined = container['lifecycle']?.[hook]?.httpGet;
    if (get) defaultHTTPGet(get);
  }
}

function defaultProbe(probe: Json): void {
  probe['timeoutSeconds'] ||= 1;
  probe['periodSeconds'] ||= 10;
  probe['successThreshold'] ||= 1;
  probe['failureThreshold'] ||= 3;
  if (probe['httpGet']) defaultHTTPGet(probe['httpGet']);
  if (probe['grpc']) probe['grpc'].service ??= '';
}

function defaultHTTPGet(action: Json): void {
  action['path'] ||= '/';
  action['scheme'] ||= 'HTTP';
}

// 0644
const fileMode = 420;

function defaultVolume(volume: Json): void {
  if (Object.keys(volume).every((key) => key === 'name')) {
    volume['emptyDir'] = {};
    return;
  }
  const { secret, configMap, downwardAPI, projected, hostPath, image, ephemeral } = volume;
  if (secret) secret.defaultMode ??= fileMode;
  if (configMap) configMap.defaultMode ??= fileMode;
  if (downwardAPI) {
    downwardAPI.defaultMode ??= fileMode;
    defaultDownwardItems(downwardAPI.items);
  }
  if (hostPath) hostPath.type ??= '';
  if (image) image.pullPolicy ||= defaultPullPolicy(image.reference ?? '');
  if (ephemeral?.volumeClaimTemplate) defaultClaimSpec(ensure(ephemeral.volumeClaimTemplate, 'spec'));
  if (projected) {
    projected.defaultMode ??= fileMode;
    for (const source of projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      if (source.downwardAPI) defaultDownwardItems(source.downwardAPI.items);
    }
  }
  defaultDisks(volume);
}

function defaultDownwardItems(items: Json[] | undefined): void {
  for (const item of items ?? []) if (item['fieldRef']) item['fieldRef'].apiVersion ||= 'v1';
}

/** Sources of disks, in pods and in persistent volumes. */
export function defaultDisks(holder: Json): void {
  const { iscsi, rbd, azureDisk, scaleIO } = holder;
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
    azureDisk.kind ??= 'Shared';
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}

/** SetDefaults_PersistentVolumeClaimSpec. */
export function defaultClaimSpec(spec: Json): void {
  spec['volumeMode'] ??= 'Filesystem';
  roundResources(spec['resources']);
}

/** The spec of a template, which decoding leaves out when the caller did. */
export function defaultPodTemplate(template: Json): void {
  defaultPodSpec(ensure(template, 'spec'));
}
