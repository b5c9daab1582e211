import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { defaultClass } from './default-class.ts';
import { isFor } from './refuse.ts';

const annotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** Gives claims that name no class the default one. */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = 'DefaultStorageClass';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE';
  }

  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'persistentvolumeclaims') || a.object === undefined) return;
    const claim = a.object;
    const beta = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
    // an empty name asks for volumes without a class
    if (beta !== undefined || typeof claim['spec']?.['storageClassName'] === 'string') return;
    const classes = this.#reader.list({ group: 'storage.k8s.io', resource: 'storageclasses' }, '');
    const found = defaultClass(classes, annotations);
    if (found !== undefined) claim['spec']['storageClassName'] = found.metadata.name;
  }
}
