import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch, wide } from './table.ts';

const accessModes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

function accessModesText(modes: readonly string[] | undefined): string {
  return accessModes
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

/** Objects from before the field bear their class in an annotation. */
function classOf(object: KubeObject): string {
  return (
    object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
    object['spec']?.storageClassName ??
    ''
  );
}

function phaseOf(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined ? (object['status']?.phase ?? '') : 'Terminating';
}

const volumeSpec = 'core.v1.PersistentVolumeSpec';
const volumeStatus = 'core.v1.PersistentVolumeStatus';

export const persistentVolumes: TableSketch = {
  columns: [
    nameColumn,
    column('Capacity', field(volumeSpec, 'capacity')),
    column('Access Modes', field(volumeSpec, 'accessModes')),
    column('Reclaim Policy', field(volumeSpec, 'persistentVolumeReclaimPolicy')),
    column('Status', field(volumeStatus, 'phase')),
    column('Claim', field(volumeSpec, 'claimRef')),
    column('StorageClass', 'StorageClass of the pv'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pv'),
    column('Reason', field(volumeStatus, 'reason')),
    ageColumn,
    wide('VolumeMode', field(volumeSpec, 'volumeMode')),
  ],
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    return [
      nameOf(object),
      spec.capacity?.storage ?? '0',
      accessModesText(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? '',
      phaseOf(object),
      spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
      classOf(object),
      spec.volumeAttributesClassName ?? '<unset>',
      status.reason ?? '',
      age(object, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};

const claimSpec = 'core.v1.PersistentVolumeClaimSpec';
const claimStatus = 'core.v1.PersistentVolumeClaimStatus';

export const persistentVolumeClaims: TableSketch = {
  columns: [
    nameColumn,
    column('Status', field(claimStatus, 'phase')),
    column('Volume', field(claimSpec, 'volumeName')),
    column('Capacity', field(claimStatus, 'capacity')),
    column('Access Modes', field(claimStatus, 'accessModes')),
    column('StorageClass', 'StorageClass of the pvc'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pvc'),
    ageColumn,
    wide('VolumeMode', field(claimSpec, 'volumeMode')),
  ],
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    const bound = (spec.volumeName ?? '') !== '';
    return [
      nameOf(object),
      phaseOf(object),
      spec.volumeName ?? '',
      bound ? (status.capacity?.storage ?? '0') : '',
      bound ? accessModesText(status.accessModes) : '',
      classOf(object),
      spec.volumeAttributesClassName ?? '<unset>',
      age(object, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};

function isDefault(object: KubeObject, ...annotations: string[]): boolean {
  return annotations.some((annotation) => object.metadata.annotations?.[annotation] === 'true');
}

const storageClass = 'storage.v1.StorageClass';

export const storageClasses: TableSketch = {
  columns: [
    nameColumn,
    column('Provisioner', field(storageClass, 'provisioner')),
    column('ReclaimPolicy', field(storageClass, 'reclaimPolicy')),
    column('VolumeBindingMode', field(storageClass, 'volumeBindingMode')),
    column('AllowVolumeExpansion', field(storageClass, 'allowVolumeExpansion')),
    ageColumn,
  ],
  cells(object, now) {
    const chosen = isDefault(
      object,
      'storageclass.kubernetes.io/is-default-class',
      'storageclass.beta.kubernetes.io/is-default-class',
    );
    return [
      chosen ? `${nameOf(object)} (default)` : nameOf(object),
      object['provisioner'] ?? '',
      object['reclaimPolicy'] ?? 'Delete',
      object['volumeBindingMode'] ?? 'Immediate',
      object['allowVolumeExpansion'] ?? false,
      age(object, now),
    ];
  },
};

export const volumeAttributesClasses: TableSketch = {
  columns: [
    nameColumn,
    column('DriverName', field('storage.v1.VolumeAttributesClass', 'driverName')),
    ageColumn,
  ],
  cells: (object, now) => [
    isDefault(object, 'volumeattributesclass.alpha.kubernetes.io/is-default-class')
      ? `${nameOf(object)} (default)`
      : nameOf(object),
    object['driverName'] ?? '',
    age(object, now),
  ],
};

const attachmentSpec = 'storage.v1.VolumeAttachmentSpec';

export const volumeAttachments: TableSketch = {
  columns: [
    nameColumn,
    column('Attacher', field(attachmentSpec, 'attacher')),
    column('PV', field('storage.v1.VolumeAttachmentSource', 'persistentVolumeName')),
    column('Node', field(attachmentSpec, 'nodeName')),
    column('Attached', field('storage.v1.VolumeAttachmentStatus', 'attached'), 'boolean'),
    ageColumn,
  ],
  cells: (object, now) => [
    nameOf(object),
    object['spec']?.attacher ?? '',
    object['spec']?.source?.persistentVolumeName ?? '',
    object['spec']?.nodeName ?? '',
    object['status']?.attached ?? false,
    age(object, now),
  ],
};
