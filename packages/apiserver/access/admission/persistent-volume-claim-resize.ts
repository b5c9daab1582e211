import { type KubeObject, parseQuantity } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { isFor, refuse } from './refuse.ts';

/** Lets claims grow only where their class can grow volumes. */
export class PersistentVolumeClaimResize implements AdmissionPlugin {
  readonly name = 'PersistentVolumeClaimResize';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'UPDATE';
  }

  validate(a: AdmissionAttributes): void {
    const { object, oldObject } = a;
    if (!isFor(a, '', 'persistentvolumeclaims') || object === undefined || oldObject === undefined) return;
    if (parseQuantity(sizeOf(oldObject)).compare(parseQuantity(sizeOf(object))) >= 0) return;
    if (oldObject['status']?.['phase'] !== 'Bound') {
      throw refuse(a, 'Only bound persistent volume claims can be expanded');
    }
    if (!this.#expandable(object, oldObject)) {
      throw refuse(
        a,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    }
  }

  #expandable(claim: KubeObject, old: KubeObject): boolean {
    const name = classOf(claim);
    if (name === '' || classOf(old) === '') return false;
    const found = this.#reader.get({ group: 'storage.k8s.io', resource: 'storageclasses' }, '', name);
    return found?.['allowVolumeExpansion'] === true;
  }
}

function sizeOf(claim: KubeObject): string {
  return claim['spec']?.['resources']?.['requests']?.['storage'] ?? '0';
}

function classOf(claim: KubeObject): string {
  const beta = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return beta ?? claim['spec']?.['storageClassName'] ?? '';
}
