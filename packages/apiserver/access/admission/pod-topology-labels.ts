import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { isFor } from './refuse.ts';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];
const copiedDomain = 'topology.k8s.io/';

/** Copies where a node is onto the pods that are bound to it. */
export class PodTopologyLabels implements AdmissionPlugin {
  readonly name = 'PodTopologyLabels';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE';
  }

  admit(a: AdmissionAttributes): void {
    if (a.object === undefined) return;
    const node: string = isFor(a, '', 'pods', 'binding')
      ? (a.object['target']?.['name'] ?? '')
      : isFor(a, '', 'pods')
        ? (a.object['spec']?.['nodeName'] ?? '')
        : '';
    if (node === '') return;
    const labels = this.#reader.get({ group: '', resource: 'nodes' }, '', node)?.metadata.labels ?? {};
    for (const [key, value] of Object.entries(labels)) {
      if (!copied.includes(key) && !key.startsWith(copiedDomain)) continue;
      a.object.metadata.labels = { ...a.object.metadata.labels, [key]: value };
    }
  }
}
