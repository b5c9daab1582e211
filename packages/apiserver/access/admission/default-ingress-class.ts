import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { defaultClass } from './default-class.ts';
import { isFor } from './refuse.ts';

const group = 'networking.k8s.io';

/** Gives ingresses that name no class the default one. */
export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = 'DefaultIngressClass';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE';
  }

  admit(a: AdmissionAttributes): void {
    if (!isFor(a, group, 'ingresses') || a.object === undefined) return;
    const ingress = a.object as Record<string, any>;
    const old = a.object.metadata.annotations?.['kubernetes.io/ingress.class'];
    if (old !== undefined || typeof ingress['spec']?.['ingressClassName'] === 'string') return;
    const classes = this.#reader.list({ group, resource: 'ingressclasses' }, '');
    const found = defaultClass(classes, ['ingressclass.kubernetes.io/is-default-class']);
    if (found === undefined) return;
    ingress['spec'] ??= {};
    ingress['spec']['ingressClassName'] = found.metadata.name;
  }
}
