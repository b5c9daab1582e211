import type { KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { isFor, refuse } from './refuse.ts';

const group = 'scheduling.k8s.io';
const priorityClasses = { group, resource: 'priorityclasses' } as const;

/** Resolves a pod's priority class to its number, and keeps the default class the only one. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    if (a.operation === 'CREATE') this.#resolve(a, a.object['spec']);
    else keep(a.object['spec'], a.oldObject?.['spec'] ?? {});
  }

  validate(a: AdmissionAttributes): void {
    if (!isFor(a, group, 'priorityclasses') || !a.object?.['globalDefault']) return;
    const present = this.#defaultClass();
    if (present === undefined) return;
    if (a.operation === 'CREATE' || present.metadata.name !== a.object.metadata.name) {
      throw refuse(
        a,
        `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`,
      );
    }
  }

  #resolve(a: AdmissionAttributes, spec: Record<string, any>): void {
    const found = this.#classOf(a, spec);
    const value: number = found?.['value'] ?? 0;
    const policy: string = found === undefined ? 'PreemptLowerPriority' : found['preemptionPolicy'];
    if (found !== undefined) spec['priorityClassName'] = found.metadata.name;
    if (typeof spec['priority'] === 'number' && spec['priority'] !== value) {
      throw refuse(
        a,
        `the integer value of priority (${spec['priority']}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    spec['priority'] = value;
    if (!policy) return;
    if (spec['preemptionPolicy'] && spec['preemptionPolicy'] !== policy) {
      throw refuse(
        a,
        `the string value of PreemptionPolicy (${spec['preemptionPolicy']}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    }
    spec['preemptionPolicy'] = policy;
  }

  #classOf(a: AdmissionAttributes, spec: Record<string, any>): KubeObject | undefined {
    const name: string = spec['priorityClassName'] ?? '';
    if (name === '') return this.#defaultClass();
    const found = this.#reader.get(priorityClasses, '', name);
    if (found === undefined) throw refuse(a, `no PriorityClass with name ${name} was found`);
    return found;
  }

  /** Should there be several, the lowest: nothing is to be preempted by mistake. */
  #defaultClass(): KubeObject | undefined {
    let lowest: KubeObject | undefined;
    for (const candidate of this.#reader.list(priorityClasses, '')) {
      if (!candidate['globalDefault']) continue;
      if (lowest === undefined || candidate['value'] < lowest['value']) lowest = candidate;
    }
    return lowest;
  }
}

/** Priorities never change: an update that leaves them out keeps them. */
function keep(spec: Record<string, any>, old: Record<string, any>): void {
  for (const field of ['priority', 'preemptionPolicy']) {
    if (spec[field] === undefined && old[field] !== undefined) spec[field] = old[field];
  }
}
