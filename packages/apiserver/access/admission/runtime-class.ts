import { deepEqual, goQuote, type KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { isFor, refuse } from './refuse.ts';

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Gives pods the overhead and the scheduling rules of their runtime class. */
export class RuntimeClass implements AdmissionPlugin {
  readonly name = 'RuntimeClass';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE';
  }

  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    const found = this.#classOf(a, a.object);
    if (found === undefined) return;
    const { spec } = a.object as Record<string, any>;
    const fixed = found['overhead']?.['podFixed'];
    if (fixed) {
      if (isSet(spec['overhead']) && !deepEqual(spec['overhead'], fixed)) throw refuse(a, mismatch);
      spec['overhead'] = { ...fixed };
    }
    if (found['scheduling']) schedule(a, spec, found['scheduling']);
  }

  validate(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    const overhead = a.object['spec']['overhead'];
    const fixed = this.#classOf(a, a.object)?.['overhead']?.['podFixed'];
    if (fixed) {
      if (!deepEqual(overhead, fixed)) throw refuse(a, mismatch);
    } else if (isSet(overhead)) {
      throw refuse(a, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    }
  }

  #classOf(a: AdmissionAttributes, pod: KubeObject): KubeObject | undefined {
    const name: string = pod['spec']['runtimeClassName'] ?? '';
    if (name === '') return undefined;
    const found = this.#reader.get({ group: 'node.k8s.io', resource: 'runtimeclasses' }, '', name);
    if (found === undefined) throw refuse(a, `pod rejected: RuntimeClass ${goQuote(name)} not found`);
    return found;
  }
}

function isSet(map: object | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}

function schedule(a: AdmissionAttributes, spec: Record<string, any>, rules: Record<string, any>): void {
  const selector: Record<string, string> = { ...spec['nodeSelector'] };
  for (const [key, value] of Object.entries<string>(rules['nodeSelector'] ?? {})) {
    if (selector[key] !== undefined && selector[key] !== value) {
      throw refuse(
        a,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${selector[key]}`,
      );
    }
    selector[key] = value;
  }
  if (isSet(selector)) spec['nodeSelector'] = selector;
  const tolerations: object[] = spec['tolerations'] ?? [];
  const more = (rules['tolerations'] ?? []).filter(
    (t: object) => !tolerations.some((own) => deepEqual(own, t)),
  );
  if (more.length > 0) spec['tolerations'] = [...tolerations, ...more];
}
