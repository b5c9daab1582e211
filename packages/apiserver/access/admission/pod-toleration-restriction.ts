import { computePodQOS } from '@coxswain/api';
import { deepEqual, type KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { plainFault } from './pod-node-selector.ts';
import { isFor } from './refuse.ts';

const namespaces = { group: '', resource: 'namespaces' } as const;
const defaultsAnnotation = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const allowedAnnotation = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';

/** core/v1 Toleration. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** What holds in namespaces that say nothing themselves. */
export interface PodTolerationConfig {
  readonly defaults: readonly Toleration[];
  /** Empty: anything is allowed. */
  readonly allowed: readonly Toleration[];
}

const nothing: PodTolerationConfig = { defaults: [], allowed: [] };
const memoryPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Gives pods the tolerations of their namespace, and holds them to those that it allows. */
export class PodTolerationRestriction implements AdmissionPlugin {
  readonly name = 'PodTolerationRestriction';
  readonly #reader: ObjectReader;
  readonly #config: PodTolerationConfig;

  constructor(reader: ObjectReader, config: PodTolerationConfig = nothing) {
    this.#reader = reader;
    this.#config = config;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    const { spec } = a.object as Record<string, any>;
    const own: readonly Toleration[] = spec['tolerations'] ?? [];
    let wanted = own;
    if (a.operation === 'CREATE') {
      const given = this.#ofNamespace(a, defaultsAnnotation) ?? this.#config.defaults;
      if (given.length > 0) wanted = own.length > 0 ? merged([...given, ...own]) : given;
    }
    if (computePodQOS(a.object) !== 'BestEffort') wanted = merged([...wanted, memoryPressure]);
    if (!deepEqual(wanted, own)) spec['tolerations'] = wanted;
    this.validate(a);
  }

  validate(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    const own: readonly Toleration[] = (a.object as KubeObject)['spec']['tolerations'] ?? [];
    if (own.length === 0) return;
    const allowed = this.#ofNamespace(a, allowedAnnotation) ?? this.#config.allowed;
    if (allowed.length === 0 || own.every((one) => allowed.some((other) => covers(other, one)))) return;
    throw plainFault(
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    );
  }

  /** Undefined: the namespace says nothing. */
  #ofNamespace(a: AdmissionAttributes, annotation: string): readonly Toleration[] | undefined {
    const text = this.#reader.get(namespaces, '', a.namespace)?.metadata.annotations?.[annotation];
    if (text === undefined) return undefined;
    if (text === '') return [];
    try {
      return JSON.parse(text) as readonly Toleration[];
    } catch (error) {
      throw plainFault((error as Error).message);
    }
  }
}

/** Leaves out what another one covers; of those that are the same the first stays. */
function merged(all: readonly Toleration[]): Toleration[] {
  const kept: Toleration[] = [];
  all.forEach((one, i) => {
    if (kept.some((other) => covers(other, one))) return;
    const later = all.slice(i + 1);
    if (!later.some((other) => !deepEqual(other, one) && covers(other, one))) kept.push(one);
  });
  return kept;
}

/** Whether all that `one` tolerates is tolerated by `other`. */
function covers(other: Toleration, one: Toleration): boolean {
  if (deepEqual(other, one)) return true;
  const { key = '', operator = '', effect = '', tolerationSeconds: longest } = other;
  // no key and Exists is every taint
  if ((one.key ?? '') !== key && (key !== '' || operator !== 'Exists')) return false;
  if ((one.effect ?? '') !== effect && effect !== '') return false;
  if (effect === 'NoExecute' && longest !== undefined) {
    if (one.tolerationSeconds === undefined || one.tolerationSeconds > longest) return false;
  }
  if (operator === 'Exists') return true;
  if (operator !== 'Equal' && operator !== '') return false;
  return one.operator === 'Equal' && (one.value ?? '') === (other.value ?? '');
}
