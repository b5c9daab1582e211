import type { KubeObject } from '@coxswain/machinery';
import { defaultClaimSpec, defaultDisks } from '../defaults/pod-spec.ts';
import { roundResourceList } from '../defaults/resource-list.ts';
import {
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from '../validation/core/persistent-volume.ts';
import {
  validatePersistentVolumeClaim,
  validatePersistentVolumeClaimStatus,
  validatePersistentVolumeClaimUpdate,
} from '../validation/core/persistent-volume-claim.ts';
import { validateCSIDriver, validateCSIDriverUpdate } from '../validation/storage/csi-driver.ts';
import { validateCSINode, validateCSINodeUpdate } from '../validation/storage/csi-node.ts';
import {
  validateCSIStorageCapacity,
  validateCSIStorageCapacityUpdate,
} from '../validation/storage/csi-storage-capacity.ts';
import { validateStorageClass, validateStorageClassUpdate } from '../validation/storage/storage-class.ts';
import {
  validateVolumeAttachment,
  validateVolumeAttachmentUpdate,
} from '../validation/storage/volume-attachment.ts';
import {
  validateVolumeAttributesClass,
  validateVolumeAttributesClassUpdate,
} from '../validation/storage/volume-attributes-class.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules, UpdateRules } from './contract.ts';
import { carryOver, resetMetaForStatus } from './generic.ts';

export const persistentVolumeRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (volume) => {
    const spec: Json = ensure(volume, 'spec');
    ensure(volume, 'status').phase ||= 'Pending';
    spec['persistentVolumeReclaimPolicy'] ||= 'Retain';
    spec['volumeMode'] ??= 'Filesystem';
    if (spec['hostPath']) spec['hostPath'].type ??= '';
    defaultDisks(spec);
    roundResourceList(spec['capacity']);
  },
  prepareForCreate: (volume, { now }) => {
    volume['status'] = { phase: 'Pending', lastPhaseTransitionTime: now };
  },
  validate: validatePersistentVolume,
  update: { asNew: true, metaAsNew: true, validate: validatePersistentVolumeUpdate },
  subresources: {
    status: {
      prepare: (volume, old, { now }) => {
        const status: Json = ensure(volume, 'status');
        const before: Json = old['status'] ?? {};
        const time: string | undefined = status['lastPhaseTransitionTime'];
        if (status['phase'] === before['phase']) {
          if (time == null) carryOver(status, before, 'lastPhaseTransitionTime');
        } else if (time == null || time === before['lastPhaseTransitionTime']) {
          status['lastPhaseTransitionTime'] = now;
        }
      },
    },
  },
};

/** NormalizeDataSources: the old member and the new one say the same where both can. */
function normalizeDataSources(claim: KubeObject): void {
  const spec: Json = claim['spec'];
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) {
    const { apiGroup, kind, name } = dataSource;
    // only claims and snapshots were ever meant by the old member
    const snapshot = apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot';
    if (!snapshot && (apiGroup || kind !== 'PersistentVolumeClaim')) {
      delete spec['dataSource'];
      return;
    }
    spec['dataSourceRef'] = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
  } else if (!dataSource && dataSourceRef && !dataSourceRef.namespace) {
    const { apiGroup, kind, name } = dataSourceRef;
    const snapshot = apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot';
    const claimed = !apiGroup && kind === 'PersistentVolumeClaim';
    if (snapshot || claimed) {
      spec['dataSource'] = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
    }
  }
}

export const persistentVolumeClaimRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (claim) => {
    const status: Json = ensure(claim, 'status');
    status['phase'] ||= 'Pending';
    roundResourceList(status['capacity']);
    defaultClaimSpec(ensure(claim, 'spec'));
  },
  prepareForCreate: (claim) => {
    claim['status'] = { phase: 'Pending' };
    // sources in other namespaces are off in this release
    if (claim['spec'].dataSourceRef?.namespace) delete claim['spec'].dataSourceRef;
    normalizeDataSources(claim);
  },
  validate: validatePersistentVolumeClaim,
  update: {
    metaAsNewToo: true,
    prepare: normalizeDataSources,
    validate: validatePersistentVolumeClaimUpdate,
  },
  subresources: { status: { validate: validatePersistentVolumeClaimStatus } },
};

export const storageClassRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (storage) => {
    storage['reclaimPolicy'] ??= 'Delete';
    storage['volumeBindingMode'] ??= 'Immediate';
  },
  validate: validateStorageClass,
  update: { asNew: true, validate: validateStorageClassUpdate },
};

const volumeAttachmentUpdate: UpdateRules = { metaAsNew: true, validate: validateVolumeAttachmentUpdate };

export const volumeAttachmentRules: KindRules = {
  validate: validateVolumeAttachment,
  update: volumeAttachmentUpdate,
  subresources: { status: { ...volumeAttachmentUpdate, prepare: resetMetaForStatus } },
};

/** Limits that keep pods from nodes without the driver are off in this release. */
function dropDriverFields(driver: KubeObject): void {
  delete driver['spec']?.preventPodSchedulingIfMissing;
}

export const csiDriverRules: KindRules = {
  generation: true,
  defaults: (driver) => {
    const spec: Json = ensure(driver, 'spec');
    spec['attachRequired'] ??= true;
    spec['podInfoOnMount'] ??= false;
    spec['storageCapacity'] ??= false;
    spec['fsGroupPolicy'] ??= 'ReadWriteOnceWithFSType';
    spec['volumeLifecycleModes'] ??= ['Persistent'];
    spec['requiresRepublish'] ??= false;
    spec['seLinuxMount'] ??= false;
  },
  prepareForCreate: dropDriverFields,
  validate: validateCSIDriver,
  update: { prepare: dropDriverFields, validate: validateCSIDriverUpdate },
};

export const csiNodeRules: KindRules = {
  validate: validateCSINode,
  update: { asNew: true, metaAsNew: true, validate: validateCSINodeUpdate },
};

export const csiStorageCapacityRules: KindRules = {
  validate: validateCSIStorageCapacity,
  update: { asNew: true, validate: validateCSIStorageCapacityUpdate },
};

export const volumeAttributesClassRules: KindRules = {
  allowUnconditionalUpdate: true,
  validate: validateVolumeAttributesClass,
  update: { validate: validateVolumeAttributesClassUpdate, thenAsNew: true },
};
