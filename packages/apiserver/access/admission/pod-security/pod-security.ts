import { deepEqual, type KubeObject, newInternalError, newInvalid } from '@coxswain/machinery';
import type {
  AdmissionAttributes,
  AdmissionOperation,
  AdmissionPlugin,
  ObjectReader,
} from '../../contract.ts';
import { isFor, refuse } from '../refuse.ts';
import type { PodLike } from './check.ts';
import { defaultPodSecurity, type Exemption, exemptionOf, type PodSecurityConfig } from './configuration.ts';
import { warnOfPods } from './existing-pods.ts';
import type { PodSecurityMetrics } from './metrics.ts';
import {
  isOpen,
  isRelaxed,
  type Policy,
  type PolicyMode,
  policyName,
  policyText,
  type ReadPolicy,
  readPolicy,
  violations,
} from './policy.ts';
import { isSignificant } from './significant.ts';

const annotationPrefix = 'pod-security.kubernetes.io/';
const namespaces = { group: '', resource: 'namespaces' } as const;

/** Where the kinds that make pods hold their template. */
const templates: Readonly<Record<string, (object: KubeObject) => PodLike | undefined>> = {
  '/replicationcontrollers': (o) => o['spec']?.['template'],
  '/podtemplates': (o) => o['template'],
  'apps/replicasets': (o) => o['spec']?.['template'],
  'apps/deployments': (o) => o['spec']?.['template'],
  'apps/statefulsets': (o) => o['spec']?.['template'],
  'apps/daemonsets': (o) => o['spec']?.['template'],
  'batch/jobs': (o) => o['spec']?.['template'],
  'batch/cronjobs': (o) => o['spec']?.['jobTemplate']?.['spec']?.['template'],
};

/** Subresources that bring a whole pod. */
const podSubresources: ReadonlySet<string> = new Set(['', 'ephemeralcontainers', 'resize']);

/** Holds pods to the pod security level of their namespace, and warns of templates that will not do. */
export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity';
  readonly #reader: ObjectReader;
  readonly #config: PodSecurityConfig;
  readonly #metrics: PodSecurityMetrics | undefined;

  /** @param metrics counts what is let in and what is not; absent: nobody does */
  constructor(
    reader: ObjectReader,
    config: PodSecurityConfig = defaultPodSecurity,
    metrics?: PodSecurityMetrics,
  ) {
    this.#reader = reader;
    this.#config = config;
    this.#metrics = metrics;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  validate(a: AdmissionAttributes): void {
    if (a.object === undefined) return;
    if (isFor(a, '', 'namespaces')) this.#validateNamespace(a, a.object);
    else if (a.resource.group === '' && a.resource.resource === 'pods') {
      if (podSubresources.has(a.subresource)) this.#validatePod(a, a.object);
    } else if (a.subresource === '') this.#validateTemplate(a, a.object);
  }

  #validatePod(a: AdmissionAttributes, pod: KubeObject): void {
    if (this.#exempt(a, exemptionOf(this.#config, a))) return;
    const read = this.#policyOf(a);
    if (read === undefined) {
      throw newInternalError(`failed to lookup namespace ${a.namespace}`);
    }
    const { enforce, audit, warn } = read.policy;
    if (read.errors.length === 0 && isOpen(enforce, audit, warn)) {
      this.#metrics?.evaluated(a, 'enforce', enforce, true);
      a.audit?.annotate(`${annotationPrefix}enforce-policy`, policyName(enforce));
      return;
    }
    if (a.oldObject !== undefined && !isSignificant(pod, a.oldObject)) return;
    this.#evaluate(a, read, pod as unknown as PodLike, true);
  }

  #validateTemplate(a: AdmissionAttributes, object: KubeObject): void {
    const template = templates[`${a.resource.group}/${a.resource.resource}`]?.(object);
    if (template?.spec === undefined || this.#exempt(a, exemptionOf(this.#config, a))) return;
    const read = this.#policyOf(a);
    if (read === undefined) return;
    if (read.errors.length === 0 && isOpen(read.policy.audit, read.policy.warn)) return;
    this.#evaluate(a, read, template, false);
  }

  #evaluate(a: AdmissionAttributes, { policy, errors }: ReadPolicy, pod: PodLike, enforced: boolean): void {
    const runtimeClass: string = pod.spec['runtimeClassName'] ?? '';
    if (this.#exempt(a, this.#config.runtimeClasses.has(runtimeClass) ? 'runtimeClass' : undefined)) return;
    if (errors.length > 0) {
      const texts = errors.map((error) => `${error.field}: ${error.message}`);
      const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
      a.audit?.annotate(`${annotationPrefix}error`, `Failed to parse policy: ${text}`);
    }
    const refused = enforced ? this.#faults(a, 'enforce', policy, pod) : '';
    if (enforced) a.audit?.annotate(`${annotationPrefix}enforce-policy`, policyName(policy.enforce));
    if (a.audit !== undefined || this.#metrics !== undefined) this.#audit(a, policy, pod);
    if (refused !== '') throw refuse(a, `violates ${policyText(policy.enforce)}: ${refused}`);
    const warned = this.#faults(a, 'warn', policy, pod);
    if (warned !== '') a.warn(`would violate ${policyText(policy.warn)}: ${warned}`);
  }

  #audit(a: AdmissionAttributes, policy: Policy, pod: PodLike): void {
    const faults = this.#faults(a, 'audit', policy, pod);
    if (faults === '') return;
    const text = `would violate ${policyText(policy.audit)}: ${faults}`;
    a.audit?.annotate(`${annotationPrefix}audit-violations`, text);
  }

  #faults(a: AdmissionAttributes, mode: PolicyMode, policy: Policy, pod: PodLike): string {
    const faults = violations(policy[mode], pod);
    if (mode === 'enforce' || faults !== '') this.#metrics?.evaluated(a, mode, policy[mode], faults === '');
    return faults;
  }

  #exempt(a: AdmissionAttributes, exemption: Exemption | undefined): boolean {
    if (exemption === undefined) return false;
    this.#metrics?.exempted(a);
    a.audit?.annotate(`${annotationPrefix}exempt`, exemption);
    return true;
  }

  /** Undefined: there is no such namespace. */
  #policyOf(a: AdmissionAttributes): ReadPolicy | undefined {
    const namespace = this.#reader.get(namespaces, '', a.namespace);
    return namespace && readPolicy(namespace.metadata.labels, this.#config.defaults);
  }

  #validateNamespace(a: AdmissionAttributes, namespace: KubeObject): void {
    const { labels, name = '' } = namespace.metadata;
    const now = readPolicy(labels, this.#config.defaults);
    const was = a.oldObject && readPolicy(a.oldObject.metadata.labels, this.#config.defaults);
    // what was wrong before does not keep others from changing the namespace
    if (now.errors.length > 0 && !deepEqual(now.errors, was?.errors ?? [])) {
      throw newInvalid(a.kind, name, [...now.errors]);
    }
    if (was === undefined) return;
    const [{ enforce }, { enforce: before }] = [now.policy, was.policy];
    if (isOpen(enforce) || isRelaxed(enforce, before)) return;
    if (this.#config.namespaces.has(name)) {
      a.audit?.annotate(`${annotationPrefix}exempt`, 'namespace');
      return;
    }
    const pods = this.#reader.list({ group: '', resource: 'pods' }, name);
    for (const text of warnOfPods(name, enforce, pods, this.#config.runtimeClasses)) a.warn(text);
  }
}
