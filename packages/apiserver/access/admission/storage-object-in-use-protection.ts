import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';

/** Finalizers by `group/resource`. */
const finalizers: Readonly<Record<string, string>> = {
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  '/persistentvolumes': 'kubernetes.io/pv-protection',
  'storage.k8s.io/volumeattributesclasses': 'kubernetes.io/vac-protection',
};

/** Keeps claims and volumes from going while they are used, by a finalizer that their controllers take off. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: (operation: AdmissionOperation) => operation === 'CREATE',
  admit(a: AdmissionAttributes): void {
    const finalizer = finalizers[`${a.resource.group}/${a.resource.resource}`];
    if (finalizer === undefined || a.subresource !== '' || a.object === undefined) return;
    const present = a.object.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) a.object.metadata.finalizers = [...present, finalizer];
  },
};
